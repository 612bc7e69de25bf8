#include "engine/load.h"

#include "engine/core/error.h"
#include "engine/embed/head.h"
#include "engine/embed/split_characters.h"
#include "engine/embed/tokenizer.h"
#include "engine/embed/words.h"
#include "engine/io/detect.h"
#include "engine/io/file.h"
#include "engine/io/file_bytes.h"
#include "engine/io/npy.h"
#include "engine/io/open.h"
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
};

Opened open_source(const Source& source, const SampleReader& read_sample, std::uint64_t map_above) {
    if (source.path.starts_with(kSamplePrefix))
        return {source.path, FileBytes(read_sample(source.path.substr(kSamplePrefix.size())))};
    if (source.path == "-") return {"standard input", FileBytes(read_sample("-"))};
    return {source.path, read_or_map(source.path, map_above)};
}

bool is_words(const Source& source, const Opened& opened) {
    if (source.as == "text" || source.as == "latin1" || source.as == "lines") return true;
    if (source.as == "embeddings") return false;
    const FileKind kind = detect(opened.name, opened.file.view());
    if (kind != FileKind::text && !holds_embeddings(kind))
        fail("{} is {}: expected a text or an embedding file here.", opened.name, name_of(kind));
    return kind == FileKind::text;
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
    const TextEncoding encoding =
        source.as == "latin1" ? TextEncoding::latin1 : TextEncoding::automatic;
    DecodedText decoded = decode_text(opened.name, opened.file.view(), encoding);
    auto text = std::make_shared<const std::string>(std::move(decoded.text));
    Dataset dataset =
        split(opened.name, std::move(text), source.as == "lines" ? "lines" : tokenizer, work);
    dataset.understood +=
        fmt::format(", {}, {}", size_text(opened.file.view().size()), decoded.encoding);
    return dataset;
}

// A target from a file: [n, n], rows that sum to 1.
std::shared_ptr<const Target> read_target(const std::string& path, const Coordinates& coordinates,
                                          bool causal) {
    const std::size_t n = coordinates.size();
    NpyMatrix matrix = read_npy(path, read_file(path));
    if (matrix.values.rows() != n || matrix.values.cols() != n)
        fail(
            "{}: the target is {} x {} and the data have {} tokens: one row and one column a token "
            "is needed.",
            path, matrix.values.rows(), matrix.values.cols(), n);
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (const float value : std::as_const(matrix.values).row(i)) {
            if (value < 0.0F)
                fail("{}: row {} has the negative value {}: attention is at least 0.", path, i,
                     value);
            sum += static_cast<double>(value);
        }
        if (std::abs(sum - 1.0) > 1e-3)
            fail("{}: row {} sums to {}: each row of a target must sum to 1.", path, i, sum);
    }
    return std::make_shared<Target>(std::move(matrix.values), causal, coordinates.masked);
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
    for (const Source& source : sources) {
        work.check();
        work.report("reading " + source.path, 0.0);
        const Opened opened = open_source(source, read_sample, map_above);
        if (is_words(source, opened)) {
            if (words)
                fail("{} and {} are both texts: open one of them.", words->source, opened.name);
            words = read_words(source, opened, tokenizer, work);
            word_source = source;
            word_bytes = opened;
        } else {
            if (vectors)
                fail("{} and {} are both vectors: open one of them.", vectors->source, opened.name);
            vectors = open_embeddings(opened.name, opened.file);
        }
    }
    if (words && vectors) {
        // Vectors of a file stand for words, not for the pieces of a model that is at hand.
        if (settings.tokenizer == "auto" && !words->piece_ids.empty())
            words = read_words(*word_source, *word_bytes, "words", work);
        // A text whose words do not count up may be one token a line.
        if (words->size() != vectors->size() && word_source->as.empty()) {
            Source lines = *word_source;
            lines.as = "lines";
            Dataset by_line = read_words(lines, *word_bytes, tokenizer, work);
            if (by_line.size() == vectors->size()) words = std::move(by_line);
        }
        return std::make_shared<const Dataset>(join(*words, *vectors));
    }
    return std::make_shared<const Dataset>(words ? std::move(*words) : std::move(*vectors));
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
                                          const TargetSettings& settings, bool causal) {
    return settings.source == TargetSource::file
               ? read_target(settings.path, coordinates, causal)
               : make_target(dataset, coordinates, settings, causal);
}

}  // namespace hsa
