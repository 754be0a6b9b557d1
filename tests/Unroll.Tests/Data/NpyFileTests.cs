using System.Buffers.Binary;
using System.Text;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

/// <summary>Against arrays that NumPy wrote (tests/golden/make_arrays.py).</summary>
public sealed class NpyFileTests : IDisposable
{
    static readonly float[] Values = [.. Enumerable.Range(-3, 24).Select(v => (float)v)];          // [2, 3, 4]

    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("i1"), InlineData("i2"), InlineData("be_i2"), InlineData("i4"), InlineData("be_i4"), InlineData("i8"), InlineData("be_i8")]
    [InlineData("f2"), InlineData("be_f2"), InlineData("f4"), InlineData("be_f4"), InlineData("f8"), InlineData("be_f8")]
    [InlineData("fortran"), InlineData("version2"), InlineData("version3")]
    public void Signed_and_floating_numbers_are_read(string name)
    {
        var array = NpyFile.Read(Golden(name + ".npy"));
        Assert.Equal([2, 3, 4], array.Shape);
        Assert.Equal(24, array.Count);
        Assert.Equal(Values, array.ToReals());
    }

    [Theory]
    [InlineData("u1"), InlineData("u2"), InlineData("be_u2"), InlineData("u4"), InlineData("be_u4"), InlineData("u8"), InlineData("be_u8")]
    public void Unsigned_numbers_are_read(string name) =>
        Assert.Equal(Values.Select(v => v + 3), NpyFile.Read(Golden(name + ".npy")).ToReals());

    [Fact]
    public void Truth_values_scalars_and_nothing_are_read()
    {
        Assert.Equal(Values.Select(v => v % 3 == 0 ? 1f : 0f), NpyFile.Read(Golden("b1.npy")).ToReals());
        var scalar = NpyFile.Read(Golden("scalar.npy"));
        Assert.Empty(scalar.Shape);
        Assert.Equal([2.5f], scalar.ToReals());
        Assert.Empty(NpyFile.Read(Golden("empty.npy")).ToReals());
        Assert.Empty(NpyFile.Read(Golden("empty.npy")).ToExamples());
    }

    [Fact]
    public void Texts_and_whole_numbers_are_labels()
    {
        Assert.Equal(["cat", "개", "👍", ""], NpyFile.Read(Golden("texts.npy")).ToLabels());
        Assert.Equal(["cat", "개", "👍", ""], NpyFile.Read(Golden("be_texts.npy")).ToLabels());
        Assert.Equal(["cat", "dog"], NpyFile.Read(Golden("bytes.npy")).ToLabels());
        Assert.Contains("holds texts", Message(() => NpyFile.Read(Golden("texts.npy")).ToReals()));
        Assert.Contains("[2, 3, 4] is no list of labels", Message(() => NpyFile.Read(Golden("i4.npy")).ToLabels()));
    }

    [Fact]
    public void An_archive_with_x_and_y_is_a_labelled_set()
    {
        var path = Golden("set.npz");
        var examples = NpyFile.ReadExamples(path);
        Assert.Equal(["up", "down"], examples.Select(e => e.Labels.Single()));
        Assert.Equal((3, 4), (examples[1].Series!.Steps, examples[1].Series!.Features));
        Assert.Equal(Values[16..20], examples[1].Series![1].ToArray());
        Assert.Equal($"{path}: X[1]", examples[1].Source);
        Assert.Equal(["7", "-1"], NpyFile.ReadExamples(Golden("packed.npz")).Select(e => e.Labels.Single()));
        Assert.Equal([0, 0, 0], NpyFile.Read(Golden("packed.npz"), "other").ToReals());
    }

    [Theory]
    [InlineData("x_train y_train x_test y_test", "x_train", "y_train")]
    [InlineData("X_train Y_train X_valid Y_valid", "X_train", "Y_train")]
    [InlineData("train_images train_labels val_images val_labels test_images test_labels", "train_images", "train_labels")]
    [InlineData("x y x_test", "x", "y")]
    [InlineData("xtest ytest", "xtest", "ytest")]
    [InlineData("data target", "data", "target")]
    [InlineData("labels images", "images", "labels")]
    [InlineData("features targets", "features", "targets")]
    [InlineData("arr_0 arr_1", "arr_0", "arr_1")]
    [InlineData("arr_0", "arr_0", null)]
    [InlineData("signals", "signals", null)]
    [InlineData("x other", "x", null)]
    public void Usual_names_of_arrays_are_known_and_other_parts_left_out(string names, string series, string? labels)
    {
        var report = new ReadingReport();
        var examples = NpyFile.ReadExamples(Archive(names.Split(' '), series, labels), report: report);
        Assert.Equal(2, examples.Count);
        Assert.EndsWith($": {series}[0]", examples[0].Source, StringComparison.Ordinal);
        Assert.Equal(labels is null ? [] : new[] { "5" }, examples[0].Labels);
        Assert.Equal(labels is null ? series : $"{series} and {labels}", report.Facts.Single().Value);
        Assert.Equal(names.Split(' ').Length > (labels is null ? 1 : 2), report.Doubts.Count == 1);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("arr_0 arr_1 arr_2 arr_3")]
    [InlineData("y labels")]
    [InlineData("x_test x_valid")]
    public void Where_names_tell_nothing_the_arrays_are_listed_with_how_to_name_them(string names)
    {
        var message = Message(() => NpyFile.ReadExamples(Archive(names.Split(' '), "", "")));
        foreach (var name in names.Split(' ')) Assert.Contains($"'{name}' [3]", message);
        Assert.Contains("numpy.savez(FILE, x=…, y=…)", message);
    }

    /// <summary>An archive with two series, two labels 5, and other arrays that are neither.</summary>
    string Archive(string[] names, string series, string? labels)
    {
        File.WriteAllBytes(_folder["a.npz"], Packed.Zip([.. names.Select(n => (n + ".npy",
            n == series ? Packed.Npy("(2, 3)", new byte[24]) : n == labels ? Packed.Npy("(2,)", [5, 5], "|u1") : Packed.Npy("(3,)", new byte[12])))]));
        return _folder["a.npz"];
    }

    [Fact]
    public void Labels_are_found_beside_the_series_or_are_not_known()
    {
        var series = NpyFile.ReadExamples(Golden("single.npz"))[1];
        Assert.Equal((3, 1), (series.Series!.Steps, series.Series.Features));
        Assert.Empty(series.Labels);
        File.Copy(Golden("f4.npy"), _folder["x_train.npy"]);
        Assert.Empty(NpyFile.ReadExamples(_folder["x_train.npy"])[0].Labels);
        File.Copy(Golden("bytes.npy"), _folder["y_train.npy"]);
        Assert.Equal("dog", NpyFile.ReadExamples(_folder["x_train.npy"])[1].Labels.Single());
        var message = Message(() => NpyFile.ReadExamples(_folder["x_train.npy"], Golden("texts.npy")));
        Assert.Contains("texts.npy has 4 labels for the 2 series of", message);
    }

    [Fact]
    public void What_is_no_array_of_numbers_is_refused_with_its_place()
    {
        Assert.Contains("Python objects", Message(() => NpyFile.Read(Golden("objects.npy"))));
        Assert.Contains("records of several fields", Message(() => NpyFile.Read(Golden("records.npy"))));
        Assert.Contains("byte 20: elements of type '<c16'", Message(() => NpyFile.Read(Golden("complex.npy"))));
        Assert.Contains("no array 'z' in it; it has 'x', 'y', 'other'", Message(() => NpyFile.Read(Golden("packed.npz"), "z")));
        Assert.Contains("no array '' in it", Message(() => NpyFile.Read(Golden("packed.npz"))));
        Assert.Contains("no set of series", Message(() => NpyFile.ReadExamples(Golden("scalar.npy"))));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647, 9)}", "cut short")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 0)}", "4 bytes are there|followed by something else")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648,)}", "byte 61: a size of the shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "byte 61: a size of the shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}", "byte 44: fortran_order is neither")]
    [InlineData("{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}", "byte 20: elements of type '<f3'")]
    [InlineData("{'descr': '=f4', 'fortran_order': False, 'shape': (1,)}", "byte 20: elements of type '=f4'")]
    [InlineData("{'descr': '<U999999999999', 'fortran_order': False, 'shape': (1,)}", "byte 20: elements of type")]
    [InlineData("{'descr': '<f4', 'shape': (1,)}", "byte 10: the header is not complete")]
    [InlineData("{'descr': '<f4', 'other': 1}", "byte 27: 'other' in the header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,", "byte 63: a size of the shape")]
    [InlineData("{'descr: 3}", "byte 11: expected a text in quotes|byte 11")]
    [InlineData("", "byte 10: expected '{'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "byte 66: something follows")]
    public void A_header_that_cannot_be_is_refused(string header, string expected)
    {
        var message = Message(() => NpyFile.Read(Write("bad.npy", Npy(header, new byte[4]))));
        Assert.Contains(expected.Split('|'), part => message.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Cut_files_are_refused_wherever_they_are_cut()
    {
        foreach (var name in new[] { "f4.npy", "set.npz" })
        {
            var bytes = File.ReadAllBytes(Golden(name));
            for (var length = 0; length < bytes.Length; length += 7)
                Assert.ThrowsAny<UnrollException>(() => NpyFile.Read(Write("cut", bytes[..length]), name == "set.npz" ? "X" : null));
        }
        var whole = File.ReadAllBytes(Golden("f4.npy"));
        Assert.Contains("[2, 3, 4] of '<f4' takes 96 bytes; 95 are there", Message(() => NpyFile.Read(Write("cut", whole[..^1]))));
        Assert.Contains("byte 128: the data is followed by something else", Message(() => NpyFile.Read(Write("long", [.. whole, 0]))));
    }

    [Fact]
    public void A_packed_array_with_a_changed_byte_is_refused()
    {
        var bytes = File.ReadAllBytes(Golden("set.npz"));
        var place = bytes.AsSpan().IndexOf("shape"u8) + 120;
        bytes[place] ^= 1;
        Assert.Contains("the check sum of 'X' differs", Message(() => NpyFile.Read(Write("changed.npz", bytes), "X")));
    }

    [Fact]
    public void Infinite_numbers_make_no_series_and_missing_ones_do()
    {
        const string Header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 2)}";
        var bytes = new byte[16];
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8), float.NaN);
        Assert.Equal([0, 0, float.NaN, 0], NpyFile.ReadExamples(Write("a.npy", Npy(Header, bytes)))[0].Series!.Values.ToArray());
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(12), float.PositiveInfinity);
        Assert.Contains("the number at [0, 1, 1] is infinite", Message(() => NpyFile.ReadExamples(Write("a.npy", Npy(Header, bytes)))));
        const string Many = "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 0)}";
        Assert.Contains("no set of series", Message(() => NpyFile.ReadExamples(Write("many.npy", Npy(Many, [])))));
    }

    [SkippableFact]
    public void Real_pictures_are_read()
    {
        var examples = NpyFile.ReadExamples(RealData.Find("emoji/images.npy"));
        Assert.Equal(1911, examples.Count);
        Assert.All(examples, e => Assert.Equal((32, 96), (e.Series!.Steps, e.Series.Features)));
        Assert.InRange(examples.Average(e => e.Series!.Values[0]), 200, 255);            // a corner is white, as a rule
    }

    static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "golden", "arrays", name);

    static byte[] Npy(string header, byte[] data) =>
        [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. data];

    string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }

    static string Message(Action read) => Assert.ThrowsAny<UnrollException>(read).Message;
}
