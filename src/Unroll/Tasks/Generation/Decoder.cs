using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Writes a text token by token: embedding, recurrent layers with or without attention, and the scores of the token to come.</summary>
/// <remarks>
/// <code>
/// e_t = dropout(W_e[y_{t−1}])      h_t, s_t = layers(e_t, s_{t−1})      logits_t = W_o dropout(h_t) + b_o
/// </code>
/// With attention the layers are an <see cref="AttentiveCell"/> around recurrent layers, otherwise recurrent layers alone. Parameters:
/// <c>embedding.weight</c> [V, E], <c>rnn.…</c>, <c>attention.…</c>, <c>combine.weight</c>, <c>bridge.i.…</c>, <c>output.weight</c> [V, R], <c>output.bias</c> [V].
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed class Decoder : Module
{
    readonly Embedding _embedding;
    readonly AttentiveCell? _cell;
    readonly RecurrentLayer _layers;
    readonly Bridge _bridge;
    readonly Dropout? _dropout;

    /// <param name="config">Sizes and kinds.</param>
    /// <param name="vocabulary">V, the tokens, beginning and end among them.</param>
    /// <param name="memorySize">M, the size of what attention sees, and of what the bridge gets.</param>
    /// <param name="shared">An embedding to share; a new one where null.</param>
    /// <param name="dropout">Dropout on all links that are not recurrent.</param>
    /// <param name="rng">Where weights come from.</param>
    internal Decoder(DecoderConfig config, int vocabulary, int memorySize, Embedding? shared, Dropout? dropout, Rng rng)
    {
        _dropout = dropout;
        _embedding = Add("embedding", shared ?? new Embedding(vocabulary, config.EmbeddingSize, rng));
        if (shared is null) Init.Normal(_embedding.Weight, EncoderDecoder.EmbeddingDeviation, rng);
        var kind = config.Attention switch
        {
            "dot" => AttentionKind.Dot,
            "concat" => AttentionKind.Concat,
            "additive" => AttentionKind.Additive,
            _ => AttentionKind.General,
        };
        var input = config.EmbeddingSize;
        if (config.HasAttention) input = AttentiveCell.LayersInput(input, kind, memorySize, config.ReadoutSize, config.InputFeeding);
        var layers = Stacked.Of(CellCatalog.Get(config.Cell), config.Layers, input, config.HiddenSize, bidirectional: false, dropout, rng);
        if (config.HasAttention)
        {
            var attention = new Attention(kind, config.HiddenSize, memorySize, config.AttentionSize > 0 ? config.AttentionSize : config.HiddenSize, rng,
                config.ScaledAttention, config.Coverage, config.Attention == "local-p" ? config.Window : 0);
            _cell = new AttentiveCell(config.EmbeddingSize, layers, attention, config.ReadoutSize, config.InputFeeding, rng);
            _layers = Add("", new Recurrent(_cell));
        }
        else _layers = Add("rnn", layers);
        _bridge = Add("bridge", new Bridge(config, memorySize, layers, rng));
        Output = Add("output", config.TiedWeights ? new Linear(_embedding.Weight, rng) : new Linear(config.ReadoutSize, vocabulary, rng));
    }

    /// <summary>V, the number of tokens.</summary>
    public int Vocabulary => _embedding.Weight.Shape[0];

    /// <summary>The attention, if there is one.</summary>
    public Attention? Attention => _cell?.Attention;

    /// <summary>Makes the scores from what <see cref="Forward"/> gives.</summary>
    public Linear Output { get; }

    /// <summary>The layers; the truth of a step is theirs.</summary>
    internal RecurrentLayer Layers => _layers;

    /// <summary>What a decoder starts with after an encoder's last state, if there is attention with a memory of its outputs [S, B, M].</summary>
    internal State Start(State final, Tensor outputs, Lengths? lengths) => Begin(_bridge.Cross(final), outputs, lengths);

    /// <summary>What a decoder starts with after one vector [B, M].</summary>
    internal State Start(Tensor vector, Tensor outputs, Lengths? lengths) => Begin(_bridge.Cross(vector), outputs, lengths);

    State Begin(State first, Tensor outputs, Lengths? lengths) => _cell?.Start(_cell.Attention.Remember(outputs, lengths), first) ?? first;

    /// <summary>The weights that attention gave the memory's steps in the last step, [B, S]; none without attention.</summary>
    internal Tensor WeightsOf(State state) => _cell is null ? default : AttentiveCell.WeightsOf(state);

    /// <summary>Runs over tokens that are given.</summary>
    /// <param name="tokens">[T, B]: the beginning, and what was written after it.</param>
    /// <param name="state">What a model starts with, or the state after earlier tokens.</param>
    /// <param name="lengths">How many steps of each row count; all where null.</param>
    /// <returns>Readouts [T, B, R], from which <see cref="Output"/> makes scores, and the state after the last step.</returns>
    public (Tensor Readout, State Final) Forward(TokenMatrix tokens, State state, Lengths? lengths = null)
    {
        var x = _embedding.Forward(tokens);                                          // [T, B, E]
        if (_dropout is not null) x = _dropout.Forward(x);
        var (h, final) = _layers.Forward(x, state, lengths);
        if (_dropout is not null) h = _dropout.Forward(h);
        return (h, final);
    }
}
