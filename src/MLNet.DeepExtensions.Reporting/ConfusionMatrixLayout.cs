namespace MLNet.DeepExtensions;

/// <summary>Where everything of a confusion matrix stands, in points. What has no room drops out: shares first, then counts, then most of the names.</summary>
internal sealed class ConfusionMatrixLayout : IDisposable
{
    private const float Margin = 24, Gap = 8, ScaleToMatrix = 28, ScaleTickWidth = 56, LeastScale = 170;
    private const float LongestName = 170, LeastNamePitch = 10.5f, LeastCellWithCount = 26, LeastCellWithShare = 60;

    public ConfusionMatrixLayout(IReadOnlyList<string> names, IReadOnlyList<string> rowTotals, string widestCount, string? title, string summary)
    {
        var classes = names.Count;
        Classes = classes;
        Cell = classes switch { <= 4 => 104, <= 12 => 68, <= 20 => 48, <= 40 => 28, _ => Math.Max(1, 1120 / classes) };
        ShowsCounts = Cell >= LeastCellWithCount;
        ShowsShares = Cell >= LeastCellWithShare;
        ShowsLines = Cell >= 8;
        NameStep = RoundStep((int)Math.Ceiling(LeastNamePitch / Cell));

        NameText = new Lettering(Math.Clamp(Cell * NameStep * 0.8f, 8.5f, 13));
        // as large as the widest count allows
        using (var unit = new Lettering(10))
            CellText = new Lettering(Math.Clamp(Math.Min(Cell * (ShowsShares ? 0.24f : 0.32f), 10 * (Cell - 8) / unit.Measure(widestCount)), 8.5f, 19));
        ShareText = new Lettering(Math.Max(9, CellText.Size * 0.75f));
        Names = [.. names.Select((name, i) => i % NameStep == 0 ? NameText.CutMiddle(name, LongestName) : "")];
        var nameWidth = Names.Max(NameText.Measure);
        // a slanted line needs its height times the root of two beside the next one; where that is not given, names stand upright
        Angle = nameWidth <= Cell * NameStep - Gap ? 0 : Cell * NameStep >= NameText.Size * 1.9f ? -45 : -90;
        var (namesHeight, namesOverhang) = Angle switch
        {
            0 => (NameText.Size, 0f),
            -45 => ((nameWidth + NameText.Size) * 0.707f, (nameWidth + NameText.Size) * 0.707f - Cell / 2f),
            _ => (nameWidth, 0f),
        };

        Title = title;
        Summary = summary;
        var y = Margin;
        if (title is not null)
        {
            y += TitleText.Size;
            TitleBaseline = y;
            y += 12;
        }
        y += SummaryText.Size;
        SummaryBaseline = y;
        y += 26 + AxisText.Size;
        AxisBaseline = y;
        Top = y + 12 + MathF.Ceiling(namesHeight) + Gap;
        Left = Margin + AxisText.Size + 16 + MathF.Ceiling(nameWidth) + Gap;
        Side = Cell * classes;
        RowTotals = ShowsCounts ? rowTotals : [];
        var totalsWidth = ShowsCounts ? Math.Max(rowTotals.Max(NameText.Measure), NameText.Measure(TotalHeading)) + 12 : 0;
        TotalsRight = Left + Side + totalsWidth;
        ScaleLeft = TotalsRight + ScaleToMatrix;
        ScaleHeight = Math.Max(LeastScale, Math.Min(Side, 260));
        var heading = Math.Max(title is null ? 0 : TitleText.Measure(title), SummaryText.Measure(summary));
        Width = MathF.Ceiling(Math.Max(
            Math.Max(ScaleLeft + ScaleWidth + ScaleTickWidth, Left + Side + namesOverhang) + Margin,
            Math.Min(heading, 900) + 2 * Margin));
        Height = Top + Math.Max(Side, ScaleHeight) + Margin;
        HeadingWidth = Width - 2 * Margin;
    }

    public const string TotalHeading = "rows";
    public const float ScaleWidth = 16;

    public int Classes { get; }
    public int Cell { get; }
    public float Left { get; }
    public float Top { get; }
    public float Side { get; }
    public float Width { get; }
    public float Height { get; }
    public bool ShowsCounts { get; }
    public bool ShowsShares { get; }
    public bool ShowsLines { get; }

    /// <summary>Gets the names as they are drawn; empty for those that are left out.</summary>
    public IReadOnlyList<string> Names { get; }
    public int NameStep { get; }

    /// <summary>Gets how the columns' names are turned, in degrees.</summary>
    public int Angle { get; }
    public IReadOnlyList<string> RowTotals { get; }
    public float TotalsRight { get; }
    public string? Title { get; }
    public string Summary { get; }
    public float HeadingLeft => Margin;
    public float HeadingWidth { get; }
    public float TitleBaseline { get; }
    public float SummaryBaseline { get; }
    public float AxisBaseline { get; }
    public float AxisLeft => Margin + AxisText.Size;
    public float ScaleLeft { get; }
    public float ScaleHeight { get; }
    public Lettering TitleText { get; } = new(19);
    public Lettering SummaryText { get; } = new(13);
    public Lettering AxisText { get; } = new(14);
    public Lettering ScaleText { get; } = new(11);
    public Lettering NameText { get; }
    public Lettering CellText { get; }
    public Lettering ShareText { get; }

    public void Dispose()
    {
        foreach (var text in (Lettering[])[TitleText, SummaryText, AxisText, ScaleText, NameText, CellText, ShareText])
            text.Dispose();
    }

    /// <summary>1, 2, 5, 10, 20, 50, …: numbers by which one counts.</summary>
    private static int RoundStep(int least)
    {
        for (var power = 1; ; power *= 10)
            foreach (var step in (int[])[power, 2 * power, 5 * power])
                if (step >= least)
                    return step;
    }
}
