using System.Text;

namespace Unroll.Data;

/// <summary>
/// Turns tokens into text one at a time, as they are generated: a character appears when its last byte has come. Allocates nothing
/// per token.
/// </summary>
/// <remarks>
/// A word is set apart from the word before by a space, so a decoder that goes on from a prompt is fed the prompt first. For one thread: the text that it
/// gives out stands in its own memory.
/// </remarks>
public sealed class TokenDecoder
{
    readonly Tokenizer _tokenizer;
    readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    char[] _text = new char[64];
    int _previous = -1;

    /// <summary>Starts a text.</summary>
    public TokenDecoder(Tokenizer tokenizer) => _tokenizer = tokenizer;

    /// <summary>The text that is complete with this token, often empty where tokens are bytes. Valid until the next call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is none of the vocabulary's.</exception>
    public ReadOnlySpan<char> Next(int id)
    {
        if ((uint)id >= (uint)_tokenizer.VocabularySize) Throw.OutOfRange(nameof(id), id, $"from 0 to {_tokenizer.VocabularySize - 1}");
        var bytes = _tokenizer.Bytes(id);
        var most = bytes.Length + 4;                  // a space, and what is left from bytes before
        if (_text.Length < most) _text = new char[most];
        var length = 0;
        if (_previous >= 0 && _tokenizer.SpaceBetween(_previous, id)) _text[length++] = ' ';
        length += _utf8.GetChars(bytes, _text.AsSpan(length), flush: false);
        _previous = id;
        return _text.AsSpan(0, length);
    }

    /// <summary>Ends the text and starts another: U+FFFD if the tokens stopped inside a character, otherwise nothing.</summary>
    public ReadOnlySpan<char> Finish()
    {
        _previous = -1;
        return _text.AsSpan(0, _utf8.GetChars([], _text, flush: true));
    }
}
