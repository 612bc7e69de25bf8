#include "engine/io/folder.h"

#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/io/detect.h"
#include "engine/io/file.h"
#include "engine/io/open.h"
#include "engine/io/text.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace hsa {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

// Plain files below `folder`, sorted by path.
std::vector<fs::path> files_in(const std::string& folder, std::size_t most) {
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                        error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        std::error_code ignored;
        if (is_hidden(at->path())) {
            at.disable_recursion_pending();
            continue;
        }
        if (!at->is_regular_file(ignored)) continue;
        if (files.size() == most)
            fail("{}: more than {} files are in this folder; open a folder with fewer", folder,
                 most);
        files.push_back(at->path());
    }
    if (error) fail("{}: this folder cannot be read ({})", folder, error.message());
    std::sort(files.begin(), files.end());
    return files;
}

// The text of a file; nothing when it is none.
std::optional<DecodedText> text_of(const std::string& path) {
    try {
        if (detect(path, read_beginning(path, kDetectBytes)) != FileKind::text) return std::nullopt;
        return decode_text(path, read_file(path));
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

TextPieces read_folder(const std::string& path, const Work& work, const FolderLimits& limits) {
    const std::vector<fs::path> files = files_in(path, limits.files);
    TextPieces pieces;
    std::size_t skipped = 0;
    for (std::size_t f = 0; f < files.size(); ++f) {
        work.check();
        work.report("reading " + path, static_cast<double>(f) / static_cast<double>(files.size()));
        std::error_code ignored;
        const std::uintmax_t size = fs::file_size(files[f], ignored);
        const std::optional<DecodedText> text = text_of(files[f].string());
        if (!text) {
            ++skipped;
            continue;
        }
        if (pieces.text.size() + std::max<std::uint64_t>(text->text.size(), size) > limits.bytes)
            fail("{}: the texts in this folder are larger than {} together; open a part of them",
                 path, size_text(limits.bytes));
        if (pieces.encoding.empty()) pieces.encoding = text->encoding;
        else if (pieces.encoding != text->encoding) pieces.encoding = "several encodings";
        pieces.add(files[f].lexically_relative(path).string(), text->text);
    }
    if (pieces.pieces.empty())
        fail("{}: no text is in this folder ({} other file{}); open one with .txt or .md files",
             path, skipped, skipped == 1 ? "" : "s");
    pieces.notes = fmt::format(", {} file{}", count_text(pieces.pieces.size()),
                               pieces.pieces.size() == 1 ? "" : "s");
    if (skipped > 0)
        pieces.notes += fmt::format(", {} skipped that {} no text", count_text(skipped),
                                    skipped == 1 ? "is" : "are");
    return pieces;
}

}  // namespace hsa
