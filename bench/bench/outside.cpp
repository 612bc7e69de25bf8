#include "bench/bench/outside.h"

#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>

namespace hsa_bench {
namespace {

struct Script {
    const char* name;
    const char* file;
    std::size_t rows;
};

// The second one holds all scores of its rows at once where its fused kernel declines.
constexpr std::array kScripts = {
    Script{"PyTorch scaled_dot_product_attention", "sdpa.py", 2048},
    Script{"onnxruntime MultiHeadAttention", "multi_head.py", 256},
};

}  // namespace

std::vector<OutsidePeer> outside_peers(std::size_t tokens, std::size_t dimension) {
    const std::filesystem::path folder = "bench/peers";
    const std::filesystem::path python = "build/peers/bin/python";
    std::vector<OutsidePeer> peers;
    for (const Script& script : kScripts) {
        if (!std::filesystem::exists(python)) {
            fmt::print(
                "{} was left out: run bench/peers/setup first, and the program from the "
                "repository's root.\n",
                script.name);
            continue;
        }
        const std::string command =
            fmt::format("{} {} {} {} {} 2>&1", python.string(), (folder / script.file).string(),
                        tokens, dimension, script.rows);
        std::FILE* pipe = popen(command.c_str(), "r");
        std::string answer;
        std::array<char, 256> piece{};
        while (pipe && std::fgets(piece.data(), piece.size(), pipe)) answer += piece.data();
        const bool ran = pipe && pclose(pipe) == 0;
        OutsidePeer peer{script.name, 0.0, script.rows};
        // The last line is the number; what libraries say stands before it.
        std::istringstream lines(answer);
        std::string line;
        std::string last;
        while (std::getline(lines, line))
            if (!line.empty()) last = line;
        if (ran && std::istringstream(last) >> peer.seconds && peer.seconds > 0.0)
            peers.push_back(peer);
        else fmt::print("{} was left out: {}\n", script.name, last);
    }
    return peers;
}

}  // namespace hsa_bench
