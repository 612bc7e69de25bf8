#pragma once

#include "engine/core/work.h"
#include "engine/model/text_pieces.h"

#include <cstdint>
#include <string>

namespace hsa {

// What a folder may hold to be read as one text.
struct FolderLimits {
    std::uint64_t bytes = std::uint64_t{1} << 30U;  // of its texts together, unpacked
    std::size_t files = 100000;                     // of any kind
};

// True for a folder, or a link to one. Never throws.
[[nodiscard]] bool is_folder(const std::string& path);

// The texts in a folder and the folders in it, a piece each, sorted by their path inside it, which
// is their title. Hidden files and folders (a dot first) are left out, links to folders not
// followed; files that are no text (detect), no UTF-8 or blank are skipped and counted in the
// notes. Throws Error when no text is in it, beyond `limits`, and where a folder cannot be read.
[[nodiscard]] TextPieces read_folder(const std::string& path, const Work& work,
                                     const FolderLimits& limits = {});

}  // namespace hsa
