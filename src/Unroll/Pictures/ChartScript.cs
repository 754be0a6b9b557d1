using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unroll.Pictures;

/// <summary>
/// Tells the values of charts in a page, when pointed at and by keys. A chart is a <c>figure.chart</c> with a <c>.readout</c>, a list of texts in JSON, one for each point, and
/// <c>.plot</c>s, sliders whose <c>data-x</c> and <c>data-y</c> say where each point is on the paper.
/// </summary>
internal static class ChartScript
{
    public const string Style = ".plot{position:relative;touch-action:pan-y;border-radius:6px}.plot svg{display:block}@media (max-width:640px){.chart .readout{min-height:4.8em}}";

    /// <summary>Adds a picture as a slider whose points are told.</summary>
    /// <param name="body">Where it is added.</param>
    /// <param name="device">The class of the screens that show it: <c>desk</c> or <c>phone</c>.</param>
    /// <param name="size">Its width and height.</param>
    /// <param name="title">What it shows, and what is told of it.</param>
    /// <param name="count">How many points there are.</param>
    /// <param name="told">What is told first.</param>
    /// <param name="x">The axis to the right, and where on it each point is.</param>
    /// <param name="y">The axis upwards, and the values of each point on it with their classes, such as <c>s0</c>.</param>
    /// <param name="draw">Draws it.</param>
    public static void AddPlot(MarkupText body, string device, (int Width, int Height) size, (string Picture, string Slider) title, int count, string told,
        (Axis Axis, Func<int, double> At) x, (Axis Axis, Func<int, IEnumerable<(string Style, double Value)>> At) y, Action<MarkupText> draw)
    {
        body.Add($"""<div class="plot {device}" tabindex="0" role="slider" aria-label="{title.Slider}" aria-valuemin="1" aria-valuemax="{count}" aria-valuenow="1" aria-valuetext="{told}" """);
        body.Add($"""data-top="{y.Axis.To}" data-bottom="{y.Axis.From}" data-x="{string.Join(' ', Enumerable.Range(0, count).Select(i => MarkupText.Number(x.Axis.At(x.At(i)))))}" """);
        body.Line($"""data-y="{string.Join(' ', Enumerable.Range(0, count).Select(i => Dots(y.Axis, y.At(i))))}">""");
        Picture.In(body, size.Width, size.Height, title.Picture, draw);
        body.Line($"</div>");
    }

    /// <summary>Where the values of a point are on the paper, with the class of each: <c>s4:12.5,s0:30</c>.</summary>
    static string Dots(Axis axis, IEnumerable<(string Style, double Value)> values) =>
        string.Join(',', values.Where(v => double.IsFinite(v.Value)).Select(v => $"{v.Style}:{MarkupText.Number(axis.At(v.Value))}")) is { Length: > 0 } dots ? dots : "-";

    /// <summary>A list of texts as JSON that may stand in a script of a page.</summary>
    public static string Json(IEnumerable<string> texts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))                    // which writes < and & as \u003C and \u0026
        {
            json.WriteStartArray();
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public const string Text = """
        for (const figure of document.querySelectorAll('figure.chart')) {
          const readout = figure.querySelector('.readout');
          const texts = JSON.parse(figure.querySelector('script').textContent);
          for (const plot of figure.querySelectorAll('.plot')) {
            const svg = plot.querySelector('svg'), ns = svg.namespaceURI;
            const xs = plot.dataset.x.split(' ').map(Number), ys = plot.dataset.y.split(' ');
            const cursor = svg.appendChild(document.createElementNS(ns, 'g'));
            let at = -1;
            const show = i => {
              if (!texts.length) return;
              at = Math.max(0, Math.min(texts.length - 1, i));
              readout.textContent = texts[at];
              plot.setAttribute('aria-valuenow', at + 1);
              plot.setAttribute('aria-valuetext', texts[at]);
              const add = (name, attributes) => {
                const e = cursor.appendChild(document.createElementNS(ns, name));
                for (const key in attributes) e.setAttribute(key, attributes[key]);
              };
              cursor.replaceChildren();
              add('path', { class: 'edge', d: `M${xs[at]} ${plot.dataset.top}V${plot.dataset.bottom}` });
              if (ys[at] !== '-')
                for (const dot of ys[at].split(',').map(d => d.split(':'))) add('circle', { class: 'dot ' + dot[0], cx: xs[at], cy: dot[1], r: 4 });
            };
            const nearest = x => {
              let low = 0, high = xs.length - 1;
              while (low < high) { const middle = (low + high) >> 1; if (xs[middle] < x) low = middle + 1; else high = middle; }
              return low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low;
            };
            const point = e => {
              const box = svg.getBoundingClientRect();
              show(nearest((e.clientX - box.left) * svg.viewBox.baseVal.width / box.width));
            };
            plot.addEventListener('pointermove', point);
            plot.addEventListener('pointerdown', point);
            plot.addEventListener('focus', () => { if (at < 0) show(texts.length - 1); });
            plot.addEventListener('keydown', e => {
              const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10, Home: -texts.length, End: texts.length }[e.key];
              if (step === undefined) return;
              e.preventDefault();
              show(at + step);
            });
          }
        }
        """;
}
