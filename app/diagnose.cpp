#include "app/diagnose.h"

#include "app/backend_words.h"
#include "app/widgets/numbers.h"
#include "engine/compute/card/card_memory.h"
#include "engine/core/error.h"

#include <fmt/format.h>

namespace splatscope {
namespace {

std::string told(const hsa::Backend& backend) {
    const hsa::BackendInfo info = backend.info();
    const auto* card = dynamic_cast<const hsa::SaysCardMemory*>(&backend);
    std::string text = fmt::format("{} ({})", info.name, info.device);
    if (card == nullptr)
        return text + ", " + bytes_text(static_cast<double>(info.memory_bytes)) + " of memory";
    const std::string memory = memory_words(card->card_memory());
    text += ", memory of the card: " + (memory.empty() ? "it does not say" : memory);
    if (!info.on_cpu.empty())
        text += fmt::format(", left to the CPU: {}", fmt::join(info.on_cpu, ", "));
    return text;
}

}  // namespace

std::string diagnose_backends(const std::string& name,
                              const std::vector<hsa::BackendEntry>& offered) {
    std::string text;
    std::vector<std::string> notes;
    try {
        text = fmt::format("backend: {}\n", told(*hsa::make_backend(name, notes, offered)));
    } catch (const hsa::Error& error) {
        text = fmt::format("backend: none: {}\n", error.what());
    }
    for (const std::string& note : notes) text += "  " + note + "\n";
    std::vector<hsa::BackendEntry> all = offered;
    for (const hsa::BackendEntry& entry : hsa::backends()) all.push_back(entry);
    for (const hsa::BackendEntry& entry : all) try {
            text += fmt::format("  --backend {}: {}\n", entry.name, told(*entry.make(true)));
        } catch (const hsa::Error& error) {
            text += fmt::format("  --backend {}: not here: {}\n", entry.name, error.what());
        }
    return text;
}

}  // namespace splatscope
