#include "engine/load.h"

#include "engine/core/error.h"
#include "engine/embed/divide.h"
#include "engine/embed/head.h"
#include "engine/embed/split_characters.h"
#include "engine/embed/tokenizer.h"
#include "engine/embed/words.h"
#include "engine/io/conllu.h"
#include "engine/io/detect.h"
#include "engine/io/file.h"
#include "engine/io/file_bytes.h"
#include "engine/io/folder.h"
#include "engine/io/json_records.h"
#include "engine/io/mapped_file.h"
#include "engine/io/metadata.h"
#include "engine/io/npy.h"
#include "engine/io/npz.h"
#include "engine/io/open.h"
#include "engine/io/parquet.h"
#include "engine/io/splats_binary.h"
#include "engine/io/splats_json.h"
#include "engine/io/text.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

constexpr std::string_view kSamplePrefix = "sample:";
constexpr std::uint64_t kNeverMap = std::numeric_limits<std::uint64_t>::max();

// A file's bytes and the name that decides between formats where the content does not.
struct Opened {
    std::string name;
    FileBytes file;
    bool folder = false;
};

Opened open_source(const Source& source, const SampleReader& read_sample, std::uint64_t map_above) {
    if (source.path.starts_with(kSamplePrefix))
        return {source.path, FileBytes(read_sample(source.path.substr(kSamplePrefix.size())))};
    if (source.path == "-") return {"standard input", FileBytes(read_sample("-"))};
    if (is_folder(source.path)) return {source.path, {}, true};
    return {source.path, read_or_map(source.path, map_above)};
}

bool is_words(const Source& source, const Opened& opened) {
    const std::string as = open_as(source.as).kind;
    if (opened.folder || as == "text" || as == "latin1" || as == "lines") return true;
    if (as == "embeddings" || as == "tensor") return false;
    const FileKind kind = detect(opened.name, opened.file.view());
    if (!holds_words(kind) && !holds_embeddings(kind))
        fail("{} is {}: expected a text or an embedding file here.", opened.name, name_of(kind));
    return holds_words(kind);
}

// The text of a source, undivided or in pieces.
TextPieces read_text(const Source& source, const Opened& opened, const Work& work) {
    if (opened.folder) return read_folder(opened.name, work);
    const OpenAs as = open_as(source.as);
    const TextEncoding encoding =
        as.kind == "latin1" ? TextEncoding::latin1 : TextEncoding::automatic;
    const FileKind kind = detect(opened.name, opened.file.view());
    if (as.kind != "lines" && (kind == FileKind::json_texts || kind == FileKind::json_vectors))
        return read_json_texts(opened.name, opened.file.view(), as.part, encoding);
    if (as.kind != "lines" && kind == FileKind::parquet)
        return read_parquet_texts(opened.name, opened.file.view(), as.part);
    if (as.kind.empty() && kind == FileKind::conllu) {
        TextPieces whole;
        whole.text = text_of(read_conllu(opened.name, opened.file.view()));
        whole.encoding = "the words of a parse";
        return whole;
    }
    if (!as.part.empty())
        fail("{} is {}, which has no field '{}': open it without.", opened.name, name_of(kind),
             as.part);
    DecodedText decoded = decode_text(opened.name, opened.file.view(), encoding);
    TextPieces whole;
    whole.text = std::move(decoded.text);
    whole.encoding = std::move(decoded.encoding);
    return whole;
}

bool is_known(const std::string& tokenizer) {
    return tokenizer == "words" || tokenizer == "characters" || tokenizer == "bytes" ||
           tokenizer == "lines";
}

Dataset split(const std::string& name, std::shared_ptr<const std::string> text,
              const std::string& tokenizer, const Work& work) {
    if (tokenizer == "words") return split_words(name, std::move(text), work);
    if (tokenizer == "characters") return split_characters(name, std::move(text), work);
    if (tokenizer == "bytes") return split_bytes(name, std::move(text), work);
    if (tokenizer == "lines") return split_lines(name, std::move(text), work);
    return split_pieces(name, std::move(text), *read_tokenizer(tokenizer), work);
}

Dataset read_words(const Source& source, const Opened& opened, const std::string& tokenizer,
                   const Work& work) {
    TextPieces pieces = read_text(source, opened, work);
    const std::size_t bytes = opened.folder ? pieces.text.size() : opened.file.view().size();
    auto text = std::make_shared<const std::string>(std::move(pieces.text));
    Dataset dataset =
        split(opened.name, std::move(text), source.as == "lines" ? "lines" : tokenizer, work);
    dataset.understood += fmt::format(", {}, {}", size_text(bytes), pieces.encoding);
    divide_by_pieces(pieces, dataset);
    if (source.as.empty() && !opened.folder &&
        detect(opened.name, opened.file.view()) == FileKind::conllu)
        add_parse(opened.name, read_conllu(opened.name, opened.file.view()), dataset);
    return dataset;
}

// A target from a file: [n, n], [heads, n, n] or [layers, heads, n, n], rows that sum to 1. Of a
// mapped .npy only the pages of that head are read.
std::shared_ptr<const Target> read_target(const std::string& path, const EmbedSettings& embed,
                                          const Coordinates& coordinates, bool causal) {
    std::shared_ptr<const MappedFile> mapped = MappedFile::open(path);
    const auto is = [&](FileKind kind) { return detect(path, mapped->bytes()) == kind; };
    if (mapped && !is(FileKind::npy) && !is(FileKind::npz)) mapped = nullptr;
    const FileBytes file = mapped ? FileBytes(mapped) : FileBytes(read_file(path));
    const std::size_t layer = embed.layer.value_or(0);
    const std::size_t head = embed.head.value_or(0);
    const bool archive = detect(path, file.view()) == FileKind::npz;
    Matrix<float> attention =
        archive ? read_npz_attention(path, file.view(), layer, head, coordinates.size())
                : read_npy_head(path, file.view(), layer, head, coordinates.size());
    finish_reading(file.owner());
    for (std::size_t i = 0; i < attention.rows(); ++i) {
        double sum = 0.0;
        for (const float value : std::as_const(attention).row(i)) {
            if (value < 0.0F)
                fail("{}: row {} has the negative value {}: attention is at least 0.", path, i,
                     value);
            sum += static_cast<double>(value);
        }
        if (std::abs(sum - 1.0) > 1e-3)
            fail("{}: row {} sums to {}: each row of a target must sum to 1.", path, i, sum);
    }
    return std::make_shared<Target>(std::move(attention), causal, coordinates.masked);
}

}  // namespace

std::string tokenizer_stamp(const EmbedSettings& settings) {
    const std::string tokenizer = tokenizer_of(settings);
    return is_known(tokenizer) ? tokenizer : stamp_of(tokenizer);
}

std::shared_ptr<const Dataset> load_dataset(const std::vector<Source>& sources,
                                            const EmbedSettings& settings,
                                            const SampleReader& read_sample,
                                            std::uint64_t map_above, const Work& work) {
    std::optional<Dataset> words;
    std::optional<Dataset> vectors;
    std::optional<Source> word_source;
    std::optional<Opened> word_bytes;
    const std::string tokenizer = tokenizer_of(settings);
    std::optional<Opened> metadata;
    std::optional<Opened> parse;
    for (const Source& source : sources) {
        work.check();
        work.report("reading " + source.path, 0.0);
        const Opened opened = open_source(source, read_sample, map_above);
        if (source.as == "metadata") {
            metadata = opened;
            continue;
        }
        if (source.as == "parse") {
            parse = opened;
            continue;
        }
        if (is_words(source, opened)) {
            if (words)
                fail("{} and {} are both texts: open one of them.", words->source, opened.name);
            words = read_words(source, opened, tokenizer, work);
            word_source = source;
            word_bytes = opened;
        } else {
            if (vectors)
                fail("{} and {} are both vectors: open one of them.", vectors->source, opened.name);
            vectors = open_embeddings(opened.name, opened.file, TextEncoding::automatic,
                                      open_as(source.as).part);
        }
    }
    if (!words && !vectors)
        fail("{} describes rows of data: open these first.", metadata ? metadata->name
                                                             : parse  ? parse->name
                                                                      : "Nothing");
    // Vectors of a file stand for words, not for the pieces of a model that is at hand.
    if (words && vectors && settings.tokenizer == "auto" && !words->piece_ids.empty())
        words = read_words(*word_source, *word_bytes, "words", work);
    if (words && vectors && words->size() != vectors->size() && word_source->as.empty()) {
        // A text whose words do not count up may be one token a line.
        Source lines = *word_source;
        lines.as = "lines";
        Dataset by_line = read_words(lines, *word_bytes, tokenizer, work);
        if (by_line.size() == vectors->size()) words = std::move(by_line);
    }
    if (words && vectors) words = join(*words, *vectors);
    Dataset dataset = words ? std::move(*words) : std::move(*vectors);
    if (metadata)
        add_metadata(metadata->name, read_metadata(metadata->name, metadata->file.view()), dataset);
    if (parse) add_parse(parse->name, read_conllu(parse->name, parse->file.view()), dataset);
    return std::make_shared<const Dataset>(std::move(dataset));
}

std::shared_ptr<const Dataset> load_vectors(const std::string& path, const EmbedSettings& settings,
                                            const SampleReader& read_sample) {
    const Source source{path, "", 0};
    const Opened opened = open_source(source, read_sample, kNeverMap);
    if (is_words(source, opened))
        fail(
            "{} is a text: the vectors of its words would be of their co-occurrence in it and mean "
            "nothing in other data. Give vectors that one model made of every text (.npy, .npz, "
            ".tsv, .csv).",
            opened.name);
    auto dataset = std::make_shared<const Dataset>(open_embeddings(opened.name, opened.file));
    return dataset->heads ? with_head(std::move(dataset), settings) : dataset;
}

std::shared_ptr<const RunFile> load_run(const std::string& path, const SampleReader& read_sample) {
    const Opened opened = open_source({path, "", 0}, read_sample, kNeverMap);
    return std::make_shared<const RunFile>(read_run(opened.name, opened.file.view()));
}

std::shared_ptr<const SplatRegistry> load_splats(const std::string& path) {
    const std::string bytes = read_file(path);
    const FileKind kind = detect(path, bytes);
    if (kind == FileKind::splats_binary)
        return std::make_shared<const SplatRegistry>(read_splats_binary(path, bytes));
    return std::make_shared<const SplatRegistry>(read_splats_json(path, bytes));
}

std::shared_ptr<const Target> find_target(const Dataset& dataset, const Coordinates& coordinates,
                                          const TargetSettings& settings,
                                          const EmbedSettings& embed, bool causal) {
    return settings.source == TargetSource::file
               ? read_target(settings.path, embed, coordinates, causal)
               : make_target(dataset, coordinates, settings, causal);
}

}  // namespace hsa
