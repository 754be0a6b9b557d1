using System.Diagnostics.CodeAnalysis;
using Unroll.Data;

namespace Unroll;

internal static partial class Throw
{
    const string Utf8Advice = "Texts are read as UTF-8; save the file so, or convert it with: iconv -f ENCODING -t UTF-8";

    [DoesNotReturn]
    public static void FileMissing(string path) =>
        throw new InvalidFileException($"{Quoted(path)}: there is no such file. Check the path, which is relative to "
            + $"{Environment.CurrentDirectory}.");

    [DoesNotReturn]
    public static void FileIsFolder(string path) =>
        throw new InvalidFileException($"{path}: this is a folder where a file is expected. Name one of its files.");

    [DoesNotReturn]
    public static void FileUnreadable(string path, Exception inner) =>
        throw new InvalidFileException($"{path}: cannot be read ({inner.Message}). "
            + "Check the permissions, and that no other program holds it.", inner);

    /// <summary>A file of a kind that nothing here reads.</summary>
    [DoesNotReturn]
    public static void FileIsForeign(string path, string kind, string advice) =>
        throw new InvalidFileException($"{path}: this is {kind}, which is not read as data. {advice}.");

    /// <summary>A file of a kind that is read as something else.</summary>
    [DoesNotReturn]
    public static void FileIsOfOtherKind(string path, string kind, string expected) =>
        throw new InvalidFileException($"{path}: this is {kind}; expected {expected}. Name another file.");

    [DoesNotReturn]
    public static void GzipCutShort(string path, long length, long zeros) =>
        throw new InvalidFileException($"{path}: the gzip file is cut short: its packed data does not end within its {length:N0} bytes{CutAndFilled(zeros)}. {FetchAgain}.");

    [DoesNotReturn]
    public static void GzipDamaged(string path, long offset, long zeros, Exception inner) =>
        throw new InvalidFileException($"{path}: the gzip file is damaged before byte {offset:N0}{CutAndFilled(zeros)}. {FetchAgain}.", inner);

    [DoesNotReturn]
    public static void GzipSumDiffers(string path, int member, bool lengthAgrees, long zeros) =>
        throw new InvalidFileException($"{path}: the gzip file is damaged{(lengthAgrees ? "" : " or cut short")}: the check sum {(lengthAgrees ? "" : "and the length ")}"
            + $"of what is unpacked {(lengthAgrees ? "is wrong" : "are wrong or missing")}{(member > 1 ? $", in member {member:N0}" : "")}{CutAndFilled(zeros)}. {FetchAgain}.");

    [DoesNotReturn]
    public static void GzipFollowed(string path, long offset, long count) =>
        throw new InvalidFileException($"{path}: the packed data ends at byte {offset:N0}, and {count:N0} bytes follow that are no gzip. {FetchAgain}, or unpack it with: gzip -d FILE");

    [DoesNotReturn]
    public static void GzipMethod(string path, long offset, byte method) =>
        throw new InvalidFileException($"{path}: begins as a gzip file, but byte {offset:N0} is {method:X2}; expected 08, deflate. It is damaged. {FetchAgain}.");

    [DoesNotReturn]
    public static void UnpacksToTooMuch(string path, long packed, long free, int ratio) =>
        throw new InvalidFileException($"{path}: its {packed:N0} packed bytes unpack to more than {free >> 20:N0} MiB and more than {ratio} times as much, which looks like a "
            + "file made to fill the memory. If it is sound, unpack it yourself (gzip -d FILE), or save an .npz file without compression (numpy.savez).");

    [DoesNotReturn]
    public static void FileNeedsMemory(string path, Exception inner) =>
        throw new UnrollException($"Out of memory while reading {path}. Give less data, or use a machine with more memory.", inner);

    [DoesNotReturn]
    public static void TextNeedsMemory(long characters, Exception inner) =>
        throw new UnrollException($"Out of memory while making tokens of a text of {characters:N0} characters. Give less data, or use a machine with more memory.", inner);

    const string FetchAgain = "Fetch or write it again";

    static string CutAndFilled(long zeros) => zeros >= 16 ? $"; it ends with {zeros:N0} zeros or more, as a file does that was cut short and filled up" : "";

    [DoesNotReturn]
    public static void FileTooLarge(string path, int most) =>
        throw new InvalidFileException($"{path}: more than {most >> 20:N0} MiB, unpacked, is not read as a whole. "
            + "Split it into several files in a folder and name the folder.");

    [DoesNotReturn]
    public static void FileEmpty(string path) => throw new InvalidFileException($"{path}: the file is empty where text is expected.");

    [DoesNotReturn]
    public static void TextIsBinary(string path, int offset) =>
        throw new InvalidFileException($"{path}: looks binary (byte 00 at offset {offset:N0}) where text is expected. {Utf8Advice}.");

    [DoesNotReturn]
    public static void TextIsUtf16(string path, bool canBeNamed) => throw new InvalidFileException(canBeNamed
        ? $"{path}: begins as UTF-16 does. Give the encoding utf-16."
        : $"{path}: begins as UTF-16 does. {Utf8Advice}, here with ENCODING UTF-16.");

    /// <summary>UTF-32, which is read nowhere; its mark begins as UTF-16's does.</summary>
    [DoesNotReturn]
    public static void TextIsUtf32(string path) =>
        throw new InvalidFileException($"{path}: begins as UTF-32 does, which is not read. Convert it with: iconv -f UTF-32 -t UTF-8 FILE > OUT");

    /// <summary>The mark of UTF-8 where another encoding was asked for.</summary>
    [DoesNotReturn]
    public static void TextIsUtf8(string path, string asked) =>
        throw new InvalidFileException($"{path}: begins with the byte order mark of UTF-8 (EF BB BF), so it is not {asked}. Give the encoding utf-8, or none.");

    [DoesNotReturn]
    public static void TextNotUtf8(string path, int offset, int line, byte value, int count, bool canBeNamed) =>
        throw new InvalidFileException($"{path}: not UTF-8: byte {value:X2} at offset {offset:N0}, line {line:N0}"
            + $"{(count > 1 ? $", and {count - 1:N0} more such places" : "")}. "
            + $"{(canBeNamed ? "Give the encoding it has, such as windows-1252, latin-1, euc-kr or cp949; for one of several tasks with --read TASK.encoding=NAME" : Utf8Advice)}.");

    [DoesNotReturn]
    public static void TextNotInEncoding(string path, string encoding, int offset, int line, byte value) =>
        throw new InvalidFileException($"{path}: not {encoding}: byte {value:X2} at offset {offset:N0}, line {line:N0}. "
            + "Give the encoding it has; utf-8 is the most common.");

    [DoesNotReturn]
    public static void StreamNotInEncoding(string name, string encoding, long offset, int line, byte value) =>
        throw new InvalidFileException($"{name}: not {encoding}: byte {value:X2} at offset {offset:N0}, line {line:N0}. "
            + "Convert it to UTF-8, or name its encoding with --encoding, such as windows-1252, latin-1, euc-kr or cp949, where the command has that option.");

    [DoesNotReturn]
    public static void StreamIsBinary(string name, int line) =>
        throw new InvalidFileException($"{name}: looks binary (byte 00 in line {line:N0}) where text is expected.");

    [DoesNotReturn]
    public static void UnknownEncoding(string name) =>
        throw new InvalidConfigurationException($"There is no encoding named {ProblemList.Quote(name)}. Names are utf-8, utf-16, latin-1, windows-1252, euc-kr, "
            + "cp949, shift_jis, gb18030, big5, koi8-r and others of IANA's list.");

    /// <summary>A file of examples or sentences in which there is none.</summary>
    [DoesNotReturn]
    public static void NoExamples(string path, string expected) =>
        throw new InvalidFileException($"{path}: there is nothing in it but blanks where {expected} are expected.");

    [DoesNotReturn]
    public static void NoRows(string path) =>
        throw new InvalidFileException($"{path}: the names of columns are all there is in it; rows below the names are expected.");

    [DoesNotReturn]
    public static void JsonNotLines(string path, string what, string filter) =>
        throw new InvalidFileException($"{path}: this is {what} where one JSON object a line is expected. Convert it with: jq -c {filter} FILE > FILE.jsonl");

    [DoesNotReturn]
    public static void JsonWithoutObjects(string path, string what) =>
        throw new InvalidFileException($"{path}: this is {what} where one JSON object a line is expected, such as {{\"text\": \"…\", \"label\": \"…\"}}. Check what wrote the file.");

    /// <summary>JSON where another format is expected.</summary>
    [DoesNotReturn]
    public static void JsonUnexpected(string path, string expected) => throw new InvalidFileException($"{path}: this is JSON where {expected} are expected. Convert it to these.");

    [DoesNotReturn]
    public static void FieldNotTold(string path, int line, string what, string fields) =>
        throw new InvalidFileException($"{path}: line {line:N0}: which field is the {what} cannot be told from the names {fields}. Name it.");

    [DoesNotReturn]
    public static void FolderWithoutLabels(string path) =>
        throw new InvalidFileException($"{path}: no text file stands below this folder. Expected is a subfolder for each label with one text a file, "
            + "or a file LABEL.txt for each label with one text a line.");

    [DoesNotReturn]
    public static void FolderOfTwoKinds(string path, string file, string folder) =>
        throw new InvalidFileException($"{path}: has both text files, such as {file}, and subfolders with texts, such as {folder}, so it cannot be told "
            + "which of them are labels. Put one kind elsewhere.");

    [DoesNotReturn]
    public static void SentenceColumn(string path, string column, string known) =>
        throw new InvalidFileException($"{path}: there is no column {ProblemList.Quote(column)}; columns are {known}.");

    public static UnrollException UnknownFormat(string format, IEnumerable<string> known) =>
        new InvalidConfigurationException($"There is no format {ProblemList.Quote(format)}; formats are {string.Join(", ", known)}.");

    [DoesNotReturn]
    public static void SentenceWithoutTags(string source) =>
        throw new DataMismatchException($"{source}: the sentence has no tags. Give a file with tags, or name the column that has them.");

    [DoesNotReturn]
    public static void SplitLeavesNothing(int count, string what) =>
        throw new DataMismatchException($"Cannot split {count:N0} examples {what}: each part needs at least one. Give more data, or split it otherwise.");

    [DoesNotReturn]
    public static void FilesNotAligned(string source, int sources, string target, int targets) =>
        throw new InvalidFileException($"{source} has {sources:N0} lines and {target} has {targets:N0}: line i of one has to belong to line i of the other. "
            + "Name the two files of one set, or give the pairs in one table.");

    [DoesNotReturn]
    public static void FolderWithoutText(string path) =>
        throw new InvalidFileException($"{path}: no file below this folder is named as text (.txt, .md, source code, also .gz) and has any. "
            + "Name a file, whatever its ending, or a folder of .txt files.");

    [DoesNotReturn]
    public static void FolderProblems(string path, IReadOnlyList<string> problems) =>
        throw new InvalidFileException($"{path}: {problems.Count} of its files cannot be read as text", problems);

    [DoesNotReturn]
    public static void BadVocabulary(string parameter, string problem) =>
        throw new ArgumentException($"The symbols make no vocabulary: {problem}.", parameter);

    [DoesNotReturn]
    public static void BadTokenizer(IReadOnlyList<string> problems) => throw new InvalidFileException("The tokenizer cannot be read", problems);

    [DoesNotReturn]
    public static void TokenizerOptions(IReadOnlyList<string> problems) =>
        throw new InvalidConfigurationException("The tokens cannot be made", problems);

    [DoesNotReturn]
    public static void UnseenCharacters(
        string source, int vocabularySize, IReadOnlyList<(string Character, int Line, int Column, int Count)> characters)
    {
        const int Most = 20;
        var problems = characters.Take(Most)
            .Select(c => $"{c.Character} at line {c.Line}, column {c.Column}{(c.Count > 1 ? $" ({c.Count:N0} times)" : "")}").ToList();
        if (characters.Count > Most) problems.Add($"and {characters.Count - Most:N0} other characters");
        throw new DataMismatchException($"{source} has {(characters.Count == 1 ? "a character" : $"{characters.Count:N0} characters")} that the "
            + $"vocabulary of {vocabularySize:N0} lacks (take it out, train on text that has it, "
            + "or train with tokens byte or bpe, which can write every character)", problems);
    }

    [DoesNotReturn]
    public static void NoTokens() => throw new DataMismatchException("The text has no tokens: there is nothing but white space in it.");

    [DoesNotReturn]
    public static void BadDocumentStarts(string parameter) =>
        throw new ArgumentException("Documents start at 0 and then at ascending places below the number of tokens.", parameter);

    [DoesNotReturn]
    public static void SplitLeavesNothing(int count, int train, double fraction) =>
        throw new DataMismatchException($"{fraction} of {count:N0} tokens for validation leaves {train:N0} to train on and {count - train:N0} to "
            + "validate on; each part needs at least 2. Give more text, another fraction, or a validation file.");

    [DoesNotReturn]
    public static void TextTooShort(int count, int batch, int steps) =>
        throw new DataMismatchException($"The text has {count:N0} tokens; a batch of {batch} rows with {steps} steps each needs at least "
            + $"{(long)batch * steps + 1:N0}. Give more text, or a smaller batch or fewer steps.");

    [DoesNotReturn]
    public static void BatchTooLarge(int steps, int batch, int vocabulary) =>
        throw new InvalidConfigurationException($"A batch of {batch:N0} rows with {steps:N0} steps has {(long)steps * batch * vocabulary:N0} scores for {vocabulary:N0} tokens; "
            + $"at most {Array.MaxLength:N0} fit. Give a smaller batch, fewer steps, or a smaller vocabulary.");

    [DoesNotReturn]
    public static void TextTooShortToEvaluate(int count) =>
        throw new DataMismatchException($"The text has {count:N0} token; at least 2 are needed, the first being only read. Give more text.");

    [DoesNotReturn]
    public static void NothingToLearn(string symbol, int count) =>
        throw new DataMismatchException($"The text is the one token '{symbol}', {count:N0} times: there is nothing to learn. "
            + "Give a text with different tokens.");

    [DoesNotReturn]
    public static void NoTargets() =>
        throw new DataMismatchException("Every document of the text is a single token, so no token follows another and there is nothing to "
            + "predict. Give longer documents.");

    [DoesNotReturn]
    public static void NoEndOfLine() =>
        throw new DataMismatchException("The vocabulary has no end of line, because the text that made it has none, so lines cannot be told "
            + "apart. Give a text of several lines, or read it in chunks instead of by lines.");

    [DoesNotReturn]
    public static void NoLines() => throw new DataMismatchException("All lines of the text are empty. Give a text with something in its lines.");

    [DoesNotReturn]
    public static void LinesTooLong(IReadOnlyList<(int Line, int Steps)> lines, int most)
    {
        const int Most = 10;
        var problems = lines.Take(Most).Select(l => $"line {l.Line:N0} needs {l.Steps:N0} steps").ToList();
        if (lines.Count > Most) problems.Add($"and {lines.Count - Most:N0} more lines");
        throw new DataMismatchException(
            $"Lines are longer than {most:N0} steps (raise the limit, break the lines, or read the text in chunks)", problems);
    }

    [DoesNotReturn]
    public static void SpanTooShort(string parameter, int length, int needed) =>
        throw new ArgumentException($"{parameter} has {length} elements; {needed} are needed.", parameter);

    static string Quoted(string path) => string.IsNullOrWhiteSpace(path) ? $"'{path}'" : path;

    [DoesNotReturn]
    public static void BadVectors(string path, IReadOnlyList<string> problems) => throw new InvalidFileException(
        $"{path} is no file of word vectors in text form (a word and its numbers a line, as word2vec and GloVe write them)", problems);

    [DoesNotReturn]
    public static void FeaturesDiffer(int found, int expected) => throw new DataMismatchException(
        $"A series has {found} numbers a step where {expected} are expected. All series of a data set need the same features.");

    [DoesNotReturn]
    public static Series NoSeries() => throw new DataMismatchException("There is no series to measure. Give data with at least one.");

    [DoesNotReturn]
    public static void BadScales() =>
        throw new ArgumentException("Scales need as many deviations as means, at least one of each, all finite and each deviation above 0.", "deviations");

    [DoesNotReturn]
    public static T BadScalesFile<T>(string problem) => throw new InvalidFileException($"The scales of the features cannot be used: {problem}");
}
