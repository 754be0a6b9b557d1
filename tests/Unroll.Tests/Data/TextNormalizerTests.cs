using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Unroll.Data;
using Unroll.Tests.Golden;

namespace Unroll.Tests.Data;

public class TextNormalizerTests
{
    [Theory]
    [InlineData(NormalizationForm.FormC, "NFC")]
    [InlineData(NormalizationForm.FormD, "NFD")]
    [InlineData(NormalizationForm.FormKC, "NFKC")]
    [InlineData(NormalizationForm.FormKD, "NFKD")]
    public void Every_character_with_marks_out_of_order_is_as_Python_has_it(NormalizationForm form, string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var code = 0; code <= 0x10FFFF; code++)
            if (Rune.IsValid(code) && code != '\n')
                hash.AppendData(Encoding.UTF8.GetBytes(UnicodeForms.Normalize(new Rune(code) + "\u0301\u0323", form) + "\n"));
        Assert.Equal(GoldenFile.Load("unicode")[name].Text, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Theory]
    [InlineData("nfc", "e\u0301 \u1112\u1161\u11ab \uFB01 A\u030A", "é 한 ﬁ Å")]
    [InlineData("nfd", "é 한 ﬁ", "e\u0301 \u1112\u1161\u11ab ﬁ")]
    [InlineData("nfkc", "ﬁ ２ ㎏ ① \u1112\u1161\u11ab", "fi 2 kg 1 한")]
    [InlineData("nfkd", "ﬁ é", "fi e\u0301")]
    [InlineData("none", "e\u0301 ﬁ", "e\u0301 ﬁ")]
    [InlineData("nfc", "plain", "plain")]
    [InlineData("nfc", "a\u0323\u0307 a\u0307\u0323 q\u0307\u0323", "ạ\u0307 ạ\u0307 q\u0323\u0307")]
    public void Forms_have_names(string name, string text, string expected) =>
        Assert.Equal(expected, new TextNormalizer { Form = TextNormalizer.FormOf(name) }.Apply(text));

    [Fact]
    public void Normalizing_twice_changes_nothing_more()
    {
        var rng = new Rng(3);
        for (var i = 0; i < 200; i++)
            foreach (var form in new[] { NormalizationForm.FormC, NormalizationForm.FormD, NormalizationForm.FormKC, NormalizationForm.FormKD })
            {
                var once = UnicodeForms.Normalize(Samples.Random(rng, 40), form);
                Assert.Equal(once, UnicodeForms.Normalize(once, form));
            }
    }

    [Fact]
    public void Letters_become_small() =>
        Assert.Equal("ünïcödé straße ένα h", new TextNormalizer { Lower = true, Form = NormalizationForm.FormKC }.Apply("ÜNÏCÖDÉ Straße ΈΝΑ ℌ"));

    [Fact]
    public void It_comes_back_from_json()
    {
        foreach (var name in TextNormalizer.FormNames)
            foreach (var lower in new[] { false, true })
            {
                var normalizer = new TextNormalizer { Form = TextNormalizer.FormOf(name), Lower = lower };
                Assert.Equal(normalizer, TextNormalizer.FromJson(JsonSerializer.SerializeToElement(normalizer.ToJson())));
            }
        foreach (var bad in new[] { "[]", "{}", "{\"form\": 1, \"lower\": true}", "{\"form\": \"nfc\"}", "{\"form\": \"nfx\", \"lower\": true}" })
            Assert.ThrowsAny<UnrollException>(() => TextNormalizer.FromJson(JsonDocument.Parse(bad).RootElement));
        Assert.Contains("forms are none, nfc", Assert.ThrowsAny<UnrollException>(() => TextNormalizer.FormOf("utf")).Message);
    }
}
