using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Gradients.Layers;

public class WordEncoderTests
{
    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void The_vectors_of_words_have_the_right_derivative(string cell)
    {
        var encoder = new WordEncoder(words: 4, wordSize: 3, letters: 5, letterSize: 2, letterHidden: 3, CellCatalog.Get(cell), new Rng(1));
        var words = new TokenMatrix(3, 2);
        new[] { 1, 2, 0, 1, -1, 3 }.CopyTo(words.Ids);
        var letters = new TokenMatrix(3, 3);
        new[] { 0, 1, 2, 3, 4, 0, 1, 0, 0 }.CopyTo(letters.Ids);
        var lengths = new Lengths([3, 2, 1], 3);
        Check.Loss(
            () => Check.Weighted(encoder.Forward(words, [0, 1, 2, 0, -1, 1], letters, lengths)),
            encoder.Parameters.Select(p => (p.Name, p.Parameter)));
    }
}
