using Unroll.Data;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Lets models read while everything is recorded.</summary>
internal static class InspectedModels
{
    const int Context = 24;                 // characters before what is predicted

    /// <summary>A language model reads a text, and predicts each of its tokens from those before it.</summary>
    /// <exception cref="UnrollException">There is no text, or it has characters that the model cannot read.</exception>
    public static Inspected Read(LanguageModel model, InspectionInput input)
    {
        var text = input.Text ?? string.Concat(input.Files.SelectMany(TextFile.ReadDocuments).Select(d => d.Text));
        var all = model.Tokenizer.Encode(text, input.Text is null ? string.Join(", ", input.Files) : "the text");
        if (all.Length == 0) Throw.NothingToInspect();
        var ids = all[..Math.Min(all.Length, InspectionInput.MostSteps)];
        string[] tokens = [.. ids.Select(model.Tokenizer.Symbol)];
        using var recording = Recording.Start(model);
        var logs = Ops.LogSoftmax(model.Forward(new TokenMatrix(ids)).Logits).Reshape(new(ids.Length, model.Tokenizer.VocabularySize));
        recording.Dispose();
        var surprise = new double[ids.Length];
        surprise[0] = double.NaN;
        var predictions = new List<InspectedPrediction>();
        for (var t = 1; t < ids.Length; t++)
        {
            ReadOnlySpan<Real> row = logs[t - 1].Values;
            var best = Best(row);
            surprise[t] = -row[ids[t]];
            predictions.Add(new(Before(model.Tokenizer, ids, t), tokens[t], Math.Exp(row[ids[t]]), model.Tokenizer.Symbol(best), Math.Exp(row[best])));
        }
        var known = surprise.Where(double.IsFinite).ToArray();
        return new(tokens, recording)
        {
            AllSteps = all.Length,
            Predictions = predictions,
            Surprise = surprise,
            Flow = ids.Length < 3 ? null : FlowOf(model, ids[..Math.Min(ids.Length, InspectedFlow.MostSteps + 1)]),
            Units = [.. TextPatterns.All.SelectMany(p => BestUnit(p.Name, TextPatterns.ByToken(p.Of(string.Concat(tokens)), tokens), recording))],
            Figures = known.Length == 0 ? [] : [("loss", $"{known.Average():F4} nats"), ("perplexity", $"{Math.Exp(known.Average()):F2}")],
        };
    }

    /// <summary>A classifier reads a text, and labels it; or labels the examples of files and reads the first of them.</summary>
    /// <exception cref="UnrollException">The model reads series, or there is no text.</exception>
    public static Inspected Read(SequenceClassifier model, InspectionInput input, ReadingOptions reading, IDataFiles files)
    {
        var examples = input.Text is { } text ? [new Example { Text = text, Source = "the text" }] : files.ReadExamples(input.Files, reading, needsLabels: false);
        if (model.Networks.Count == 0) Throw.NoNetworksToInspect();
        if (examples.Count == 0) Throw.NothingToInspect();
        var some = examples.Take(InspectionInput.MostExamples).ToArray();
        var inputs = model.Prepare(some);
        var first = inputs[0];
        var steps = Math.Min(first.Steps, InspectionInput.MostSteps);
        if (steps == 0) Throw.NothingToInspect();
        if (steps < first.Steps)
            first = first.Ids.Length > 0 ? new(first.Ids[..steps], [], steps, first.Classes) { SentenceEnds = [.. first.SentenceEnds.Where(e => e < steps), .. first.SentenceEnds.Length > 0 ? [steps] : Array.Empty<int>()] }
                : new([], first.Values[..(steps * model.Config.Features)], steps, first.Classes);
        using var recording = Recording.Start(model);
        model.Predict([first]);
        recording.Dispose();
        string[] tokens = model.Tokenizer is { } tokenizer ? [.. first.Ids.Select(tokenizer.Symbol)] : [.. Enumerable.Range(1, steps).Select(t => $"{t}")];
        var predictions = some.Zip(model.Predict(inputs)).Select(p => Of(model.Config.Classes, p.First, p.Second)).ToArray();
        return new(tokens, recording)
        {
            AllSteps = inputs[0].Steps,
            Predictions = predictions,
            Flow = FlowOf(model, first, model.Config.Classes.ToList().IndexOf(predictions[0].Predicted)),
            Attention = [.. recording.Attention.Where(a => a.Shape.Rank == 2 && a.Count == tokens.Length).Select(a => new AttentionMap(tokens, [predictions[0].Predicted], a.Values))],
            Figures = [("answer", $"{predictions[0].Predicted}, probability {predictions[0].Probability:F3}"), .. examples.Count > 1 ? [("examples", $"{some.Length:N0} of {examples.Count:N0} predicted; the states are those of the first")] : Array.Empty<(string, string)>()],
        };
    }

    /// <summary>A model of several tasks reads a text for one of them; or labels the examples of files and reads the first of them.</summary>
    /// <exception cref="UnrollException">There is no text.</exception>
    public static Inspected Read(MultiTaskClassifier model, string task, InspectionInput input, ReadingOptions reading, IDataFiles files)
    {
        var examples = input.Text is { } text ? [new Example { Text = text, Source = "the text" }] : files.ReadExamples(input.Files, reading, needsLabels: false);
        if (examples.Count == 0) Throw.NothingToInspect();
        var (number, some) = (model.Find(task), examples.Take(InspectionInput.MostExamples).ToArray());
        var whole = model.Prepare(number, some[0]);
        if (whole.Steps == 0) Throw.NothingToInspect();
        var steps = Math.Min(whole.Steps, InspectionInput.MostSteps);
        var first = steps == whole.Steps ? whole : whole with { Ids = whole.Ids[..steps], Steps = steps };
        using var recording = Recording.Start(model);
        MultiTaskClassifier.Predict(model.Networks[number], [first]);
        recording.Dispose();
        var classes = model.Tasks[number].Classes;
        var predictions = some.Zip(model.Predict(task, some)).Select(p => Of(classes, p.First, p.Second)).ToArray();
        return new([.. first.Ids.Select(model.Tokenizer.Symbol)], recording)
        {
            AllSteps = whole.Steps,
            Predictions = predictions,
            Reading = model.Read(number, first),
            Figures = [("task", task), ("answer", $"{predictions[0].Predicted}, probability {predictions[0].Probability:F3}"), .. examples.Count > 1 ? [("examples", $"{some.Length:N0} of {examples.Count:N0} predicted; the states are those of the first")] : Array.Empty<(string, string)>()],
        };
    }

    /// <summary>A tagger reads the words of a text, or those of the first sentence of files, and tags them.</summary>
    /// <exception cref="UnrollException">There are no words.</exception>
    public static Inspected Read(SequenceTagger model, InspectionInput input, ReadingOptions reading, IDataFiles files)
    {
        var sentences = input.Text is { } text ? [new TaggedSentence([.. TermTokenizer.LocateWords(text).Select(p => text[p])], [], "the text")] : files.ReadSentences(input.Files, reading, needsTags: false);
        if (sentences.Count == 0 || sentences[0].Words.Count == 0) Throw.NothingToInspect();
        var all = sentences[0].Words.Count;
        var steps = Math.Min(all, InspectionInput.MostSteps);
        var first = steps == all ? sentences[0] : new TaggedSentence([.. sentences[0].Words.Take(steps)], [.. sentences[0].Tags.Take(steps)], sentences[0].Source);
        using var recording = Recording.Start(model);
        var tagged = model.Tag([first])[0];
        recording.Dispose();
        var some = sentences.Take(InspectionInput.MostExamples).ToArray();
        return new([.. first.Words], recording)
        {
            AllSteps = all,
            Predictions = [.. some.Zip(model.Tag(some, 1, 64, all: true)).SelectMany(p => Of(model, p.First, p.Second))],
            Flow = FlowOf(model, first, tagged.Tags[steps / 2]),
            Figures = sentences.Count > 1 ? [("sentences", $"{some.Length:N0} of {sentences.Count:N0} tagged; the states are those of the first")] : [],
        };
    }

    /// <summary>A translator reads a text, or the first line of files, and translates it word by likeliest word.</summary>
    /// <exception cref="UnrollException">There is no text.</exception>
    public static Inspected Read(Seq2Seq model, InspectionInput input)
    {
        var text = input.Text ?? TextFile.ReadLines(input.Files[0]).FirstOrDefault("");
        if (string.IsNullOrWhiteSpace(text)) Throw.NothingToInspect();
        using var recording = Recording.Start(model);
        var written = new Translator([model], new()).Translate([text])[0][0];
        recording.Dispose();
        return new([.. written.SourceTokens], recording)
        {
            AllSteps = written.SourceTokens.Count + written.Unread,
            Reader = "encoder",
            Attention = written.Sequence.Attention.Length == 0 ? [] : [new(written.SourceTokens, written.Tokens, written.Sequence.Attention)],
            Figures = [("answer", written.Text)],
        };
    }

    /// <summary>Of the loss of the last token, given all before it.</summary>
    static InspectedFlow? FlowOf(LanguageModel model, int[] ids)
    {
        var steps = ids.Length - 1;
        var targets = new int[steps];
        Array.Fill(targets, -1);
        targets[^1] = ids[^1];
        return InspectedFlow.Of(model, () => model.Loss(new TokenMatrix(ids.AsSpan(0, steps)), targets).Loss, steps, steps);
    }

    /// <summary>Of the loss of the label that the classifier gave.</summary>
    static InspectedFlow? FlowOf(SequenceClassifier model, SequenceInput input, int label)
    {
        if (input.Steps > InspectedFlow.MostSteps || model.Config.MultiLabel) return null;
        var batch = new SequenceBatch();
        batch.Fill([input], [0], model.Config.Features, sentences: input.SentenceEnds.Length > 0);
        return InspectedFlow.Of(model, () => Losses.CrossEntropy(model.Networks[0].Forward(batch).Logits, [label]), input.Steps, input.Steps);
    }

    /// <summary>Of the loss of the tag that the word in the middle got, which both directions reach.</summary>
    static InspectedFlow? FlowOf(SequenceTagger model, TaggedSentence sentence, string tag)
    {
        var steps = sentence.Words.Count;
        if (steps > InspectedFlow.MostSteps || model.Vocabulary.Tags.Find(tag) is not { } id) return null;
        var batch = new SentenceBatch();
        batch.Set([model.Vocabulary.Encode(sentence with { Tags = [] })], [0]);
        var targets = new int[steps];
        Array.Fill(targets, -1);
        targets[steps / 2] = id;
        return InspectedFlow.Of(model, () => Losses.CrossEntropy(model.Scores(batch), targets), steps / 2 + 1, steps);
    }

    /// <summary>The unit that follows a pattern best, where the pattern changes at all.</summary>
    static IEnumerable<(string, UnitMatch)> BestUnit(string name, double[] pattern, Recording recording)
    {
        if (pattern.Min() == pattern.Max()) return [];
        return UnitSearch.Best(recording, pattern) is { } unit ? [(name, unit)] : [];
    }

    static InspectedPrediction Of(IReadOnlyList<string> classes, Example example, Real[] probabilities)
    {
        var best = Best(probabilities);
        var actual = example.Labels.Count > 0 ? example.Labels[0] : null;
        var known = actual is null ? -1 : classes.ToList().IndexOf(actual);
        return new(example.Text ?? example.Source, actual, known < 0 ? double.NaN : probabilities[known], classes[best], probabilities[best]);
    }

    static IEnumerable<InspectedPrediction> Of(SequenceTagger model, TaggedSentence sentence, TaggedWords tagged)
    {
        for (var t = 0; t < sentence.Words.Count; t++)
        {
            var actual = sentence.Tags.Count > t ? sentence.Tags[t] : null;
            var place = string.Join(' ', sentence.Words.Skip(Math.Max(t - 3, 0)).Take(Math.Min(t, 3) + 1));
            var probability = actual is null ? double.NaN : model.Vocabulary.Tags.Find(actual) is { } id ? tagged.Marginals[t][id] : 0;        // a tag that the model does not know
            yield return new(place, actual, probability, tagged.Tags[t], tagged.Confidence[t]);
        }
    }

    static int Best(ReadOnlySpan<Real> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }

    /// <summary>The text before a token, in a few words.</summary>
    static string Before(Tokenizer tokenizer, int[] ids, int at)
    {
        var text = tokenizer.Decode(ids.AsSpan(Math.Max(0, at - Context), Math.Min(at, Context)));
        return text.Length <= Context ? text : text[^Context..];
    }
}
