using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Spectre.Console;

namespace FaceVerification;

/// <summary>Trains on some people, chooses a threshold by others, and judges by people that neither saw.</summary>
internal sealed record Run(MLContext Ml, DeepTrainerOptions Options, TrainingProgress Progress, int Seed)
{
    private const double FalseAccepts = 0.01;
    private const int EnrolledPictures = 3;

    public int Train(string folder, DirectoryInfo output)
    {
        output.Create();
        string Out(string name) => Path.Combine(output.FullName, name);
        var clock = Stopwatch.StartNew();
        var faces = Faces.Load(Ml, folder, Seed);
        AnsiConsole.WriteLine($"{Faces.People(faces.Train)} people to learn from, {Faces.People(faces.Validation)} to choose a threshold by, {Faces.People(faces.Test)} strangers to judge by.");

        #region train
        // keys over everybody, so that the people of validation, whom training does not know, have theirs
        var keys = Ml.Transforms.Conversion.MapValueToKey("Person", "Label").Fit(Rows([.. faces.Train, .. faces.Validation]));
        var pipeline = Recipe.Pipeline(Ml, Options);
        var model = Progress.Show(() => pipeline.Fit(keys.Transform(Rows(faces.Train)), keys.Transform(Rows(faces.Validation))));
        #endregion

        #region verify
        var threshold = VerificationCurve.Of(model.Transform(Rows(faces.Validation))).ThresholdAt(FalseAccepts);
        var curve = VerificationCurve.Of(model.Transform(Rows(faces.Test)));
        curve.SaveRocPicture(Out("roc.png"), threshold, "Faces of people never seen in training");
        var point = curve.At(threshold);
        #endregion

        Ml.Model.Save(model, Rows(faces.Train).Schema, Out("faces.zip"));
        var equal = ReloadedIsEqual(model, faces.Test, Out("faces.zip"));
        var history = ((IEnumerable<ITransformer>)model).OfType<DeepTransformer>().Single().History;
        history.SaveLearningCurve(Out("learning-curve.png"));
        var decisions = Door(model, faces.Test, threshold);

        AnsiConsole.WriteLine($"Strangers: equal error rate {curve.EqualErrorRate:P1} over {curve.GenuinePairs:N0} genuine and {curve.ImpostorPairs:N0} impostor pairs; " +
            $"at the threshold of validation, {threshold:0.00}, {point.FalseAcceptRate:P1} false accepts and {point.FalseRejectRate:P1} false rejects. Written to {output.FullName}.");
        Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
        {
            sample = "face-verification",
            seed = Seed,
            epochs = history.Epochs.Count,
            train_people = Faces.People(faces.Train),
            validation_people = Faces.People(faces.Validation),
            test_people = Faces.People(faces.Test),
            genuine_pairs = curve.GenuinePairs,
            impostor_pairs = curve.ImpostorPairs,
            equal_error_rate = curve.EqualErrorRate,
            area_under_curve = curve.AreaUnderCurve,
            threshold,
            false_accept_rate = point.FalseAcceptRate,
            false_reject_rate = point.FalseRejectRate,
            door_accepted = decisions.Accepted,
            door_refused = decisions.Refused,
            door_wrong = decisions.Wrong,
            seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
            reloaded_embeddings_equal = equal,
            pictures = new[] { "roc.png", "learning-curve.png" },
        }));
        return 0;
    }

    /// <summary>Half of the strangers are enrolled with some pictures each; then everybody comes to the door.</summary>
    private AccessControl Door(ITransformer model, IReadOnlyList<Face> strangers, float threshold)
    {
        var people = Ml.Data.CreateEnumerable<EmbeddedFace>(model.Transform(Rows(strangers)), reuseRowObject: false).GroupBy(face => face.Label).Select(person => person.ToList()).ToList();
        var door = new AccessControl(people[0][0].Embedding.Length, threshold);
        var members = people.Take((people.Count + 1) / 2).ToList();
        foreach (var member in members)
            door.Enrol(member[0].Label, member.Take(EnrolledPictures));
        AnsiConsole.WriteLine($"At the door, with {members.Count} of the strangers enrolled by {EnrolledPictures} pictures each:");
        foreach (var member in members)
            door.Verify(member[0].Label, member[^1]);
        foreach (var (impostor, claim) in people.Skip(members.Count).Zip(members))
            door.Verify(claim[0].Label, impostor[0]);
        foreach (var person in people)
            door.Identify(person[^2]);
        return door;
    }

    private bool ReloadedIsEqual(ITransformer model, IReadOnlyList<Face> faces, string path)
    {
        using var engine = Ml.Model.CreatePredictionEngine<Face, EmbeddedFace>(new MLContext().Model.Load(path, out _));
        var inBatches = model.Transform(Rows(faces)).GetColumn<float[]>("Embedding");
        return faces.Zip(inBatches).All(pair => engine.Predict(pair.First).Embedding.Zip(pair.Second).All(two => Math.Abs(two.First - two.Second) < 1e-5f));
    }

    private IDataView Rows(IReadOnlyList<Face> faces) => Ml.Data.LoadFromEnumerable(faces);
}
