#include "app/embedded.h"

#include "engine/core/error.h"

#include <algorithm>

namespace splatscope {

std::span<const std::byte> embedded(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files())
        if (file.name == name) return {file.bytes.begin, file.bytes.end};
    hsa::fault("The program lacks its own file {}: build it again.", name);
}

bool has_embedded(std::string_view name) {
    return std::any_of(embedded_files().begin(), embedded_files().end(),
                       [name](const EmbeddedFile& file) { return file.name == name; });
}

std::string_view embedded_text(std::string_view name) {
    const std::span<const std::byte> bytes = embedded(name);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace splatscope
