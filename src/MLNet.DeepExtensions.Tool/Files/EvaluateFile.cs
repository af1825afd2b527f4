using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary><c>X.evaluate.cs</c>: how well the model does on other rows.</summary>
internal static class EvaluateFile
{
    public static string Write(Scenario scenario) => Template.Finish($$"""
        // Written by mldeep.
        #nullable enable
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using MLNet.DeepExtensions;

        namespace {{Template.NamespaceOf(scenario.Name)}};

        public static partial class {{scenario.Name}}
        {
            {{Template.Indent(scenario.Answer.EvaluateMethods(scenario.Name), 4)}}
        }
        """);
}
