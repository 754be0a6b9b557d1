using System.Text;

namespace Unroll.Data;

/// <summary>A text in a normal form of Unicode, and where each of its units stood before.</summary>
readonly ref struct NormalText
{
    readonly Range[]? _places;                  // of each UTF-16 unit; null where nothing was changed

    /// <summary>Brings a text to a form; null leaves it as it is.</summary>
    public NormalText(ReadOnlySpan<char> text, NormalizationForm? form)
    {
        Text = Apply(text, form);
        if (!Text.SequenceEqual(text)) _places = Locate(text, form!.Value);
    }

    /// <summary>The text in the form.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>A text in a form; the same text where it is in it, as almost every text is.</summary>
    public static ReadOnlySpan<char> Apply(ReadOnlySpan<char> text, NormalizationForm? form) =>
        form is null || form == NormalizationForm.FormC && UnicodeForms.IsSurelyNormalC(text) ? text : UnicodeForms.Normalize(text.ToString(), form.Value);

    /// <summary>Documents in a form.</summary>
    public static IReadOnlyList<TextDocument> Apply(IReadOnlyList<TextDocument> documents, NormalizationForm? form) =>
        form is null ? documents : [.. documents.Select(d => d with { Text = UnicodeForms.Normalize(d.Text, form.Value) })];

    /// <summary>Where places of this text were in the one before, in place.</summary>
    public Range[] ToOriginal(Range[] places)
    {
        if (_places is not null)
            for (var i = 0; i < places.Length; i++)
                if (places[i].Start.Value < places[i].End.Value) places[i] = _places[places[i].Start.Value].Start.._places[places[i].End.Value - 1].End;
        return places;
    }

    /// <summary>Piece by piece, of a character with what may join it: where a piece was changed, each of its units stands for all of it.</summary>
    static Range[] Locate(ReadOnlySpan<char> text, NormalizationForm form)
    {
        var places = new List<Range>(text.Length);
        for (int start = 0, end; start < text.Length; start = end)
        {
            for (end = start + 1; end < text.Length && UnicodeForms.MayJoin(text[end]);) end++;
            var piece = text[start..end];
            var normal = UnicodeForms.Normalize(piece.ToString(), form);
            var same = piece.SequenceEqual(normal);
            for (var i = 0; i < normal.Length; i++) places.Add(same ? (start + i)..(start + i + 1) : start..end);
        }
        return [.. places];
    }
}
