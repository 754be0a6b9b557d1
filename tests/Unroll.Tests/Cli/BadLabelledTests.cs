namespace Unroll.Tests.Cli;

/// <summary>Mistakes in options and data of classifiers and taggers: what was found and expected, and no folder made.</summary>
[Collection(nameof(TinyLabels))]
public class BadLabelledTests(TinyLabels tiny)
{
    [Theory]
    [InlineData("", "--data is missing")]
    [InlineData("--data x --valid 1", "--valid is 1; expected a share from 0 to below 1, or a file")]
    [InlineData("--data x --test-every 1", "--test-every is '1'; expected a whole number, 2 to 2147483647")]
    [InlineData("--data x --test-fraction 0", "--test-fraction is '0'; expected a number, above 0")]
    [InlineData("--data x --folds 1", "--folds is '1'; expected a whole number, 2 to 1000")]
    [InlineData("--data x --folds 3 --test y --test-every 2", "--test, --test-every, --folds: there is one way")]
    [InlineData("--data x --test-match [", "--test-match is no regular expression")]
    [InlineData("--data x --label-match (", "--label-match is no regular expression")]
    [InlineData("--data x --format xml", "--format is 'xml'; expected one of csv, tsv, jsonl")]
    [InlineData("--data x --encoding utf-99", "--encoding:", "utf-99")]
    [InlineData("--data x --tokens syllable", "--tokens is 'syllable'; expected one of auto, word, char, byte, bpe")]
    [InlineData("--data x --effort nonsense", "--effort is 'nonsense'; expected one of quick, balanced, best")]
    [InlineData("--data x --members 0 --ngrams 0", "--members cannot be given")]
    [InlineData("--data x --members 65", "--members is '65'")]
    [InlineData("--resume there --effort best", "--effort cannot be given with it")]
    [InlineData("--data x --encoder cnn", "--encoder is 'cnn'; expected one of rnn, mlp, hierarchical")]
    [InlineData("--data x --pooling sum", "--pooling is 'sum'; expected one of last, mean, max, attention")]
    [InlineData("--data x --cell foo", "--cell is 'foo'")]
    [InlineData("--data x --hidden 0", "--hidden is '0'")]
    [InlineData("--data x --dropout 1", "--dropout is '1'")]
    [InlineData("--data x --word-dropout -1", "--word-dropout is '-1'")]
    [InlineData("--data x --embedding-dropout 2", "--embedding-dropout is '2'")]
    [InlineData("--data x --label-smoothing 1", "--label-smoothing is '1'")]
    [InlineData("--data x --class-weights 2", "--class-weights is '2'; expected a number, 0 to 1")]
    [InlineData("--data x --max-steps -1", "--max-steps is '-1'")]
    [InlineData("--data x --bands 0", "--bands is '0'")]
    [InlineData("--data x --min-count 0", "--min-count is '0'")]
    [InlineData("--data x --frozen", "--frozen cannot be given")]
    [InlineData("--data x --embeddings v --embedding 3", "--embedding cannot be given")]
    [InlineData("--data x --encoder mlp --cell gru --pooling max --one-way", "--cell cannot be given", "--pooling cannot be given", "--one-way cannot be given")]
    [InlineData("--data x --tokens byte --min-count 2 --cased", "--min-count cannot be given", "--cased cannot be given")]
    [InlineData("--data x --valid 0 --patience 2", "--patience cannot be given")]
    [InlineData("--resume there --folds 3", "--folds cannot be given with it")]
    public void A_mistake_in_training_a_classifier_is_named(string options, params string[] parts) => Refuses("classify", options, parts);

    [Theory]
    [InlineData("", "--data is missing")]
    [InlineData("--data x --scheme iob9", "--scheme is 'iob9'; expected one of iob1, bio, bioes")]
    [InlineData("--data x --output hmm", "--output is 'hmm'; expected one of softmax, crf")]
    [InlineData("--data x --format csv", "--format is 'csv'; expected one of conllu, conll")]
    [InlineData("--data x --letters 0 --letters-hidden 5", "--letters-hidden cannot be given")]
    [InlineData("--data x --letters -1", "--letters is '-1'")]
    [InlineData("--data x --embedding 0", "--embedding is '0'")]
    [InlineData("--data x --dropout 0 --variational", "--variational cannot be given")]
    public void A_mistake_in_training_a_tagger_is_named(string options, params string[] parts) => Refuses("tag", options, parts);

    static void Refuses(string verb, string options, string[] parts) => Command.IsRefused(["train", verb, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], parts);

    [Fact]
    public void Mistakes_in_predicting_are_named()
    {
        Predict(tiny.Classifier, "--text", "a", "file.txt").Fails(2, "--text and FILE cannot be given together");
        Predict(tiny.Classifier, "--text", "a", "--best", "2").Fails(2, "--best cannot be given: only taggers have it");
        Predict(tiny.Classifier, "--text", "a", "--best", "0").Fails(2, "--best is '0'");
        Predict(tiny.Classifier, "--text", "a", "--explain", "magic").Fails(2, "--explain is 'magic'");
        Predict(tiny.Classifier, "--text", "a", "--class", "mixed").Fails(1, "mixed", "neg, pos");
        Predict(tiny.Classifier, "--text", "a", "--class", "pos", "--explain", "none").Fails(2, "--class cannot be given: --explain is none");
        Predict(tiny.Tagger, "--text", "a", "--explain", "attention").Fails(2, "--explain and --class cannot be given");
        Predict(tiny.Tagger, tiny.Fresh("none.txt")).Fails(1, "there is no such file");
        Predict(tiny.Classifier, tiny.Fresh("none.txt")).Fails(1, "there is no such file");
        Predict(tiny.Fresh("none"), "--text", "a").Fails(1, "There is no file or folder");
        Predict(tiny.Classifier, "--text", "a", "--html", Path.Combine(tiny.Tsv, "page.html")).Fails(1, "Cannot save");

        static CommandResult Predict(params string[] arguments) => Command.Run(["predict", .. arguments]);
    }

    [Fact]
    public void A_model_of_another_kind_is_refused()
    {
        Command.Run("generate", tiny.Classifier).Fails(1, "a sequence classifier", "a language model");
        Command.Run("train", "lm", "--resume", tiny.Tagger).Fails(1, "a sequence tagger", "a language model");
        Command.Run("train", "tag", "--resume", tiny.Classifier).Fails(1, "a sequence classifier", "a sequence tagger");
    }

    [Fact]
    public void Data_that_cannot_be_learned_is_refused()
    {
        var run = tiny.Fresh();
        Train("classify", tiny.Fresh("none.csv")).Fails(1, "there is no such file");
        Train("classify", tiny.Write("one.tsv", "label\ttext\n" + string.Concat(Enumerable.Repeat("a\tx y\n", 20)))).Fails(1, "'a'");
        Train("classify", tiny.Write("bad.csv", "text,label\n\"x y,a\nz,b\n")).Fails(1, "line 2, column 1");
        Train("classify", tiny.Write("empty.csv", "")).Fails(1, "the file is empty");
        Train("classify", tiny.Write("names.csv", "text,label\n")).Fails(1, "names.csv", "rows below the names");
        var series = tiny.Write("test.ts", "@problemName x\n@univariate true\n@classLabel true neg pos\n@data\n1,2:neg\n1,3:pos\n");
        Train("classify", tiny.Tsv, "--test", series).Fails(1, "test.ts, line 5 is a series; this model reads a text");
        var wide = tiny.Write("wide.ts", "@problemName x\n@univariate false\n@classLabel true neg pos\n@data\n1,2:1,2:neg\n");
        Train("classify", series, "--valid", wide).Fails(1, "wide.ts, line 5", "2 numbers a step", "1");
        Train("classify", wide, "--data", series).Fails(1, "test.ts, line 5", "1 number a step", "2");
        Train("tag", tiny.Write("bare.conll", "word\nword\n\n")).Fails(1, "bare.conll");
        Assert.False(Directory.Exists(run));

        CommandResult Train(string verb, string data, params string[] more) => TinyLabels.Train(verb, data, run, more);
    }
}
