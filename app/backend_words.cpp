#include "app/backend_words.h"

#include "app/widgets/numbers.h"

#include <fmt/format.h>

#include <algorithm>

namespace splatscope {

std::string short_device(const std::string& device) {
    std::string name = device.substr(0, device.find_first_of("(/"));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    return name;
}

std::string memory_words(const hsa::CardMemory& memory) {
    if (memory.total > 0)
        return fmt::format(
            "{} of {}",
            bytes_text(static_cast<double>(memory.total - std::min(memory.free, memory.total))),
            bytes_text(static_cast<double>(memory.total)));
    return memory.known() ? bytes_text(static_cast<double>(memory.free)) + " free" : "";
}

std::vector<std::string> backend_headers(const hsa::BackendState& state,
                                         std::span<const hsa::StageTime> stages) {
    double ms = 0.0;
    for (const hsa::StageTime& stage : stages)
        if (!stage.cached) ms += stage.ms;
    const std::string time = "  " + duration_text(ms);
    const std::string memory = memory_words(state.memory);
    if (memory.empty()) return {state.info.name + time};
    const std::string card = state.info.name + "  " + short_device(state.info.device);
    return {card + "  " + memory + time, card + time, state.info.name + time};
}

std::vector<std::string> backend_lines(const hsa::BackendState& state,
                                       std::span<const hsa::StageTime> stages) {
    std::vector<std::string> lines = {fmt::format("{} on {}", state.info.name, state.info.device)};
    if (const std::string memory = memory_words(state.memory); !memory.empty())
        lines.push_back("memory of the card: " + memory +
                        (state.memory.total > 0 ? " in use" : ""));
    if (!state.info.on_cpu.empty())
        lines.push_back(fmt::format("left to the CPU: {}", fmt::join(state.info.on_cpu, ", ")));
    for (const std::string& sentence : {state.info.note, state.refusal})
        if (!sentence.empty()) lines.push_back(sentence);
    for (const hsa::StageTime& stage : stages)
        lines.push_back(stage.name + "  " +
                        (stage.cached ? std::string("remembered") : duration_text(stage.ms)));
    return lines;
}

}  // namespace splatscope
