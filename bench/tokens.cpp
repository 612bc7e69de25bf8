// Tokenizers beside others. Usage: tokens TOKENIZER < TEXTS.jsonl (a JSON string a line) prints for
// each text a JSON list of [number, begin, end] in bytes; tokens --speed TOKENIZER TEXT prints MB a
// second of cutting that file. TOKENIZER is what `set embed.tokenizer` takes.
#include "bench/guarded.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/embed/tokenizer.h"
#include "engine/io/file.h"
#include "engine/io/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

namespace {

void print_pieces(const std::string& path) {
    const auto tokenizer = hsa::read_tokenizer(path);
    std::string line;
    while (std::getline(std::cin, line)) {
        const std::string text = hsa::parse_json("a line", line).get<std::string>();
        nlohmann::json pieces = nlohmann::json::array();
        for (const hsa::Piece& piece : tokenizer->encode(text))
            pieces.push_back({piece.id, piece.span.begin, piece.span.end});
        fmt::print("{}\n", pieces.dump());
    }
}

double megabytes_a_second(const hsa::Tokenizer& tokenizer, const std::string& text) {
    using Clock = std::chrono::steady_clock;
    double best = 0.0;
    for (int pass = 0; pass < 5; ++pass) {
        const Clock::time_point start = Clock::now();
        const std::size_t count = tokenizer.encode(text).size();
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        if (count > 0) best = std::max(best, 1e-6 * static_cast<double>(text.size()) / seconds);
    }
    return best;
}

void print_speed(const std::string& path, const std::string& text_path) {
    const auto tokenizer = hsa::read_tokenizer(path);
    const std::string text = hsa::read_file(text_path);
    const double all = megabytes_a_second(*tokenizer, text);
    const hsa::ThreadLimit one(1);
    fmt::print("{} {}: {:.1f} MB, {:.1f} MB/s on all cores, {:.1f} MB/s on one\n",
               tokenizer->kind(), path, 1e-6 * static_cast<double>(text.size()), all,
               megabytes_a_second(*tokenizer, text));
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("tokens", [&] {
        const std::vector<std::string> args(argv + 1, argv + argc);
        if (args.size() == 1) return print_pieces(args[0]);
        if (args.size() == 3 && args[0] == "--speed") return print_speed(args[1], args[2]);
        hsa::fail("Usage: tokens TOKENIZER < TEXTS.jsonl, or tokens --speed TOKENIZER TEXT.");
    });
}
