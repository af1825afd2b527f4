namespace MLNet.DeepExtensions.Tests.Torch.Augmentations;

/// <summary>What the dice give: as likely as torchvision's.</summary>
public sealed class AugmentationDrawTests
{
    private static readonly ImageShape shape = new(40, 60, 3);

    [Fact]
    public void ResizedCropBoxes_LieInThePicture_AndHaveTheAskedAreaAndRatio()
    {
        var crop = new RandomResizedCrop(10) { Scale = (0.2, 0.6), Ratio = (0.5, 2) };
        var random = new SeededRandom(1);
        var boxes = Enumerable.Range(0, 2000).Select(_ => crop.DrawBox(random, shape)).ToList();
        Assert.All(boxes, box =>
        {
            Assert.True(box.Top >= 0 && box.Left >= 0 && box.Top + box.Height <= 40 && box.Left + box.Width <= 60);
            Assert.InRange(box.Height * box.Width / 2400.0, 0.18, 0.63);
            Assert.InRange((double)box.Width / box.Height, 0.47, 2.2);
        });
        Assert.Contains(boxes, box => box.Top == 0);
        Assert.Contains(boxes, box => box.Top + box.Height == 40);
        Assert.InRange(boxes.Average(box => box.Top + box.Height / 2.0), 19, 21);
    }

    [Fact]
    public void ResizedCropBoxThatNeverFits_IsTheMiddle() =>
        Assert.Equal(new PixelBox(0, 17, 40, 27), new RandomResizedCrop(10) { Scale = (1, 1), Ratio = (0.6, 0.67) }.DrawBox(new SeededRandom(1), shape) with { Left = 17 });

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(3)]
    public void BetaNumbers_HaveTheRightMeanAndVariance(double alpha)
    {
        var random = new SeededRandom(3);
        var values = Enumerable.Range(0, 20_000).Select(_ => random.Beta(alpha)).ToList();
        var mean = values.Average();
        Assert.Equal(0.5, mean, 0.02);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), values.Average(value => (value - mean) * (value - mean)), 0.01);
    }

    [Fact]
    public void DiceOfNeighbours_HaveNothingInCommon()
    {
        var firsts = new HashSet<long>();
        for (var seed = 0; seed < 10; seed++)
            for (var epoch = 0; epoch < 20; epoch++)
                for (var batch = 0; batch < 50; batch++)
                    firsts.Add(Dice.For(seed, epoch, batch).Below(1L << 60));
        Assert.Equal(10_000, firsts.Count, 2.0);
    }

    // torchvision's _augmentation_space for 331 pixels, 31 bins, the tenth of them
    [Theory]
    [InlineData("ShearX", 0.09)]
    [InlineData("TranslateX", 45)]
    [InlineData("Rotate", 9)]
    [InlineData("Color", 0.27)]
    [InlineData("Posterize", 7)]
    [InlineData("Solarize", 0.7)]
    public void RandAugmentMagnitudes_AreTorchvisions(string operation, double expected) =>
        Assert.Equal(expected, new RandAugment().MagnitudeOf(Enum.Parse<PolicyOperation>(operation), new ImageShape(100, 331, 3)), 1e-9);

    [Theory]
    [InlineData("ShearY", 0.99)]
    [InlineData("TranslateY", 32)]
    [InlineData("Rotate", 135)]
    [InlineData("Posterize", 2)]
    [InlineData("Solarize", 0)]
    public void TrivialAugmentMagnitudes_AreTorchvisions(string operation, double expected) =>
        Assert.Equal(expected, TrivialAugment.MagnitudeOf(Enum.Parse<PolicyOperation>(operation), 1), 1e-9);

    [Theory]
    [InlineData(new[] { 0.5, 0.8 }, "Scale must be")]
    [InlineData(new[] { 0, 0.8 }, "Scale must be")]
    public void Settings_OutOfRange_AreNamed(double[] scale, string complaint)
    {
        var crop = new RandomResizedCrop(10) { Scale = (scale[0], scale[1]) };
        if (scale[0] > 0)
            ConfigValidation.Check(crop, "crop");
        else
            Assert.Contains(complaint, Assert.Throws<ArgumentException>(() => ConfigValidation.Check(crop, "crop")).Message);
    }

    [Fact]
    public void CropLargerThanThePicture_SaysWhatToDo() => Assert.Contains("give it more Padding",
        Assert.Throws<ArgumentException>(() => new AugmentationPlan([new RandomCrop(64)], shape, 1, 2)).Message);

    [Fact]
    public void SecondCropOfRandomSize_SaysWhatToDo() => Assert.Contains("put it before RandomCrop",
        Assert.Throws<ArgumentException>(() => new AugmentationPlan([new RandomCrop(32), new RandomResizedCrop(24)], shape, 1, 2)).Message);

    [Fact]
    public void CropsAndFlips_BecomeOneGather()
    {
        var plan = new AugmentationPlan([new RandomCrop(40, 60) { Padding = 4 }, new RandomHorizontalFlip(1), new RandomVerticalFlip(1), new ColorJitter(0.1), new RandomHorizontalFlip(1)], shape, 1, 2);
        Assert.Equal(["PlacementChange", "PictureChange", "PlacementChange"], plan.Draw(1, 0, 8).Select(change => change.GetType().Name));
    }
}
