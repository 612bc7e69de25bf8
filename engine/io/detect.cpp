#include "engine/io/detect.h"

#include "engine/io/npy.h"
#include "engine/io/png.h"
#include "engine/io/run.h"
#include "engine/io/splats_binary.h"
#include "engine/io/splats_json.h"
#include "engine/io/table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace hsa {
namespace {

bool begins_with(std::string_view bytes, std::string_view magic) {
    return bytes.substr(0, magic.size()) == magic;
}

std::optional<FileKind> by_content(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr std::array<std::pair<std::string_view, FileKind>, 7> kMagics = {{
        {kNpyMagic, FileKind::npy},
        {"PK\x03\x04"sv, FileKind::npz},
        {"PK\x05\x06"sv, FileKind::npz},  // an archive without members
        {kPngMagic, FileKind::png},
        {kSplatsMagic, FileKind::splats_binary},
        {kRunMagic, FileKind::run},
        {kSessionLine, FileKind::session},
    }};
    for (const auto& magic : kMagics) {
        if (begins_with(bytes, magic.first)) return magic.second;
    }
    if (looks_like_splats_json(bytes)) return FileKind::splats_json;
    return std::nullopt;
}

std::string ending(const std::string& path) {
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
    constexpr std::array<std::pair<std::string_view, FileKind>, 10> kEndings = {{
        {".txt", FileKind::text},
        {".md", FileKind::text},
        {".tsv", FileKind::table},
        {".csv", FileKind::table},
        {".npy", FileKind::npy},
        {".npz", FileKind::npz},
        {".json", FileKind::splats_json},
        {".splats", FileKind::splats_binary},
        {".run", FileKind::run},
        {".png", FileKind::png},
    }};
    const std::string text = ending(path);
    const auto same = [&](const auto& known) { return known.first == text; };
    const auto found = std::find_if(kEndings.begin(), kEndings.end(), same);
    return found == kEndings.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

const char* name_of(FileKind kind) {
    switch (kind) {
        case FileKind::text: return "a text";
        case FileKind::table: return "a table of numbers";
        case FileKind::npy: return "a .npy array";
        case FileKind::npz: return "a .npz archive";
        case FileKind::splats_json: return "a .json splat file";
        case FileKind::splats_binary: return "a .splats file";
        case FileKind::session: return "a session";
        case FileKind::run: return "a .run file";
        case FileKind::png: return "a PNG picture";
    }
    return "";
}

FileKind detect(const std::string& path, std::string_view bytes) {
    bytes = bytes.substr(0, kDetectBytes);
    if (const auto kind = by_content(bytes)) return *kind;
    if (const auto kind = by_ending(path)) return *kind;
    return looks_like_table(bytes) ? FileKind::table : FileKind::text;
}

bool holds_embeddings(FileKind kind) {
    return kind == FileKind::table || kind == FileKind::npy || kind == FileKind::npz;
}

}  // namespace hsa
