using Unroll.Data;
using Unroll.Layers;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;

namespace Unroll.Tests;

/// <summary>A caller can tell apart whose mistake it is: the file's, the settings', the data's. Diverged training is in TrainerTests.</summary>
public class ExceptionsTests
{
    [Fact]
    public void What_is_wrong_with_a_file_is_one_kind()
    {
        using var folder = new TemporaryDirectory();
        Assert.Throws<InvalidFileException>(() => ModelFile.Load(folder["missing"]));
        Assert.Throws<InvalidFileException>(() => TextFile.ReadDocuments(folder["missing"]));
        File.WriteAllText(folder["text"], "no model");
        Assert.Throws<InvalidFileException>(() => ModelFile.Load(folder["text"]));
        Assert.Throws<InvalidFileException>(() => ModelFile.Save(folder["no/folder"], Tiny.Model()));
        ModelFile.Save(folder["model"], Tiny.Model());
        ModelEdit.Rewrite(folder["model"], folder["bad"], m => m["config"] = m["config"].Replace("\"layers\":2", "\"layers\":0", StringComparison.Ordinal));
        var e = Assert.Throws<InvalidFileException>(() => ModelFile.Load(folder["bad"]));           // settings, but those of a file
        Assert.Contains(e.Problems, p => p.Contains("layers is 0", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_wrong_with_settings_is_another()
    {
        var e = Assert.Throws<InvalidConfigurationException>(() => Tiny.Model("lstmm", hidden: 0));
        Assert.Equal(2, e.Problems.Count);
        Assert.Throws<InvalidConfigurationException>(() => CellCatalog.Get("lstmm"));
    }

    [Fact]
    public void What_does_not_fit_in_data_is_another()
    {
        Assert.Throws<DataMismatchException>(() => Tiny.Model().Tokenizer.Encode("ü", "x"));
        Assert.Throws<DataMismatchException>(() => Attribution.Of(TinyClassifier.Model(), TinyClassifier.Texts[0], "no class"));
    }

    [Fact]
    public void There_are_few_kinds_and_a_program_may_add_its_own()
    {
        var kinds = typeof(UnrollException).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(UnrollException))).ToArray();
        Assert.All(kinds, t => Assert.True(t.IsSealed, t.Name));
        Assert.InRange(kinds.Length, 1, 5);
        var own = new OwnException();
        Assert.Equal(["one", "two"], own.Problems);
        Assert.Equal("title:\n  - one\n  - two", own.Message);
    }

    sealed class OwnException() : UnrollException("title", ["one", "two"]);
}
