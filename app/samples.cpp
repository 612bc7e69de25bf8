#include "app/samples.h"

#include "app/embedded.h"
#include "engine/core/error.h"

#include <fmt/ranges.h>

#include <cstddef>
#include <string_view>

namespace splatscope {

std::vector<std::string> sample_names() {
    std::vector<std::string> names;
    for (const EmbeddedFile& file : embedded_files()) {
        constexpr std::string_view kFolder = "samples/";
        if (!file.name.starts_with(kFolder)) continue;
        const std::string base = file.name.substr(kFolder.size());
        if (base.find(".sections.") != std::string::npos ||
            base.find(".parts.") != std::string::npos)
            continue;
        names.push_back(base.substr(0, base.find('.')));
    }
    return names;
}

std::string read_sample(const std::string& name) {
    for (const EmbeddedFile& file : embedded_files()) {
        const std::string stem = "samples/" + name + ".";
        if (file.name.starts_with(stem) && file.name.find('.', stem.size()) == std::string::npos)
            return {reinterpret_cast<const char*>(file.bytes.begin),
                    static_cast<std::size_t>(file.bytes.end - file.bytes.begin)};
    }
    hsa::fail("There is no sample '{}': the samples are {}.", name,
              fmt::join(sample_names(), ", "));
}

}  // namespace splatscope
