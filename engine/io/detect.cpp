#include "engine/io/detect.h"

#include "engine/io/animation.h"
#include "engine/io/compressed.h"
#include "engine/io/conllu.h"
#include "engine/io/json_records.h"
#include "engine/io/npy.h"
#include "engine/io/parquet.h"
#include "engine/io/png.h"
#include "engine/io/run.h"
#include "engine/io/safetensors.h"
#include "engine/io/splats_binary.h"
#include "engine/io/splats_json.h"
#include "engine/io/table.h"
#include "engine/io/text.h"
#include "engine/io/vector_picture.h"
#include "engine/io/word_vectors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

bool begins_with(std::string_view bytes, std::string_view magic) {
    return bytes.substr(0, magic.size()) == magic;
}

std::optional<FileKind> by_content(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr std::array<std::pair<std::string_view, FileKind>, 9> kMagics = {{
        {kNpyMagic, FileKind::npy},
        {"PK\x03\x04"sv, FileKind::npz},
        {"PK\x05\x06"sv, FileKind::npz},  // an archive without members
        {kPngMagic, FileKind::png},
        {kPdfMagic, FileKind::pdf},
        {kParquetMagic, FileKind::parquet},
        {kSplatsMagic, FileKind::splats_binary},
        {kRunMagic, FileKind::run},
        {kSessionLine, FileKind::session},
    }};
    for (const auto& magic : kMagics) {
        if (begins_with(bytes, magic.first)) return magic.second;
    }
    if (looks_like_webp(bytes)) return FileKind::webp;
    if (looks_like_gif(bytes)) return FileKind::gif;
    if (looks_like_svg(bytes)) return FileKind::svg;
    if (looks_like_splats_json(bytes)) return FileKind::splats_json;
    if (looks_like_conllu(bytes)) return FileKind::conllu;
    if (looks_like_safetensors(bytes, std::numeric_limits<std::uint64_t>::max()))
        return FileKind::safetensors;
    return std::nullopt;
}

std::string ending(const std::string& packed) {
    const std::string path = without_packed_ending(packed);
    const std::size_t slash = path.rfind('/');
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) return {};
    std::string text = path.substr(dot);
    for (char& letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return text;
}

std::optional<FileKind> by_ending(const std::string& path) {
    constexpr std::array<std::pair<std::string_view, FileKind>, 20> kEndings = {{
        {".txt", FileKind::text},
        {".md", FileKind::text},
        {".jsonl", FileKind::json_texts},
        {".ndjson", FileKind::json_texts},
        {".vec", FileKind::word_vectors},
        {".conllu", FileKind::conllu},
        {".safetensors", FileKind::safetensors},
        {".parquet", FileKind::parquet},
        {".tsv", FileKind::table},
        {".csv", FileKind::table},
        {".npy", FileKind::npy},
        {".npz", FileKind::npz},
        {".json", FileKind::splats_json},
        {".splats", FileKind::splats_binary},
        {".run", FileKind::run},
        {".png", FileKind::png},
        {".svg", FileKind::svg},
        {".pdf", FileKind::pdf},
        {".webp", FileKind::webp},
        {".gif", FileKind::gif},
    }};
    const std::string text = ending(path);
    const auto same = [&](const auto& known) { return known.first == text; };
    const auto found = std::find_if(kEndings.begin(), kEndings.end(), same);
    return found == kEndings.end() ? std::nullopt : std::optional(found->second);
}

// Kinds that are letters, where the content may say more than the ending.
bool is_written(FileKind kind) {
    return kind == FileKind::text || kind == FileKind::table || kind == FileKind::json_texts ||
           kind == FileKind::splats_json || kind == FileKind::word_vectors;
}

}  // namespace

const char* name_of(FileKind kind) {
    switch (kind) {
        case FileKind::text: return "a text";
        case FileKind::table: return "a table of numbers";
        case FileKind::word_vectors: return "a file of word vectors";
        case FileKind::json_texts: return "a file of JSON records with texts";
        case FileKind::json_vectors: return "a file of JSON records with vectors";
        case FileKind::conllu: return "a CoNLL-U parse";
        case FileKind::safetensors: return "a .safetensors file";
        case FileKind::parquet: return "a Parquet file";
        case FileKind::npy: return "a .npy array";
        case FileKind::npz: return "a .npz archive";
        case FileKind::splats_json: return "a .json splat file";
        case FileKind::splats_binary: return "a .splats file";
        case FileKind::session: return "a session";
        case FileKind::run: return "a .run file";
        case FileKind::png: return "a PNG picture";
        case FileKind::svg: return "an SVG picture";
        case FileKind::pdf: return "a PDF";
        case FileKind::webp: return "a WebP picture";
        case FileKind::gif: return "a GIF picture";
    }
    return "";
}

FileKind detect(const std::string& path, std::string_view bytes) {
    bytes = bytes.substr(0, kDetectBytes);
    if (const auto kind = by_content(bytes)) return *kind;
    const std::optional<FileKind> named = by_ending(path);
    if (named && !is_written(*named)) return *named;
    const std::string decoded = utf16_beginning(bytes);
    if (!decoded.empty()) bytes = decoded;
    switch (json_record_kind(bytes, named == FileKind::json_texts)) {
        case JsonRecordKind::texts: return FileKind::json_texts;
        case JsonRecordKind::vectors: return FileKind::json_vectors;
        case JsonRecordKind::none: break;
    }
    if (named != FileKind::table && named != FileKind::json_texts && looks_like_word_vectors(bytes))
        return FileKind::word_vectors;
    if (named) return *named;
    return looks_like_table(bytes) ? FileKind::table : FileKind::text;
}

bool holds_embeddings(FileKind kind) {
    return kind == FileKind::table || kind == FileKind::word_vectors ||
           kind == FileKind::json_vectors || kind == FileKind::safetensors ||
           kind == FileKind::parquet || kind == FileKind::npy || kind == FileKind::npz;
}

bool holds_words(FileKind kind) {
    return kind == FileKind::text || kind == FileKind::json_texts || kind == FileKind::conllu;
}

OpenAs open_as(const std::string& as) {
    const std::size_t colon = as.find(':');
    if (colon == std::string::npos) return {as, ""};
    return {as.substr(0, colon), as.substr(colon + 1)};
}

}  // namespace hsa
