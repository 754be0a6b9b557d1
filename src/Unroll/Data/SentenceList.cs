namespace Unroll.Data;

/// <summary>Gathers the words of a file, line by line, into sentences.</summary>
sealed class SentenceList(string path)
{
    readonly List<TaggedSentence> _sentences = [];
    List<string> _words = [];
    List<string> _tags = [];
    (int Line, int Column) _firstUntagged;
    int _firstLine;

    /// <summary>The words of the sentence so far.</summary>
    public int Words => _words.Count;

    /// <summary>Adds a word; its tag is null where it has none.</summary>
    public void Add(int line, int column, string word, string? tag, ProblemList problems)
    {
        if (word.Length == 0) problems.Add($"line {line:N0}: an empty word");
        if (tag is not null && LabelText.Clean(tag).Length == 0) problems.Add($"line {line:N0}, column {column:N0}: an empty tag");
        if (_words.Count == 0) _firstLine = line;
        if (tag is null && _words.Count == _tags.Count) _firstUntagged = (line, column);
        _words.Add(word);
        if (tag is not null) _tags.Add(LabelText.Clean(tag));
    }

    /// <summary>Ends the sentence, if it has a word.</summary>
    public void End(ProblemList problems)
    {
        if (_words.Count == 0) return;
        if (_tags.Count > 0 && _tags.Count < _words.Count)
            problems.Add($"line {_firstUntagged.Line:N0}, column {_firstUntagged.Column:N0}: a word without a tag in a sentence that has tags");
        _sentences.Add(new(_words, _tags, $"{path}, line {_firstLine}"));
        (_words, _tags) = ([], []);
    }

    /// <summary>All sentences.</summary>
    /// <exception cref="UnrollException">There is none.</exception>
    public IReadOnlyList<TaggedSentence> All(string expected)
    {
        if (_sentences.Count == 0) Throw.NoExamples(path, $"sentences in {expected}");
        return _sentences;
    }
}
