// What the program makes of sentences with a model, for bench/peers/states.py to hold against
// PyTorch. Usage: states MODEL SENTENCES.txt OUT: every line is a window of its own; writes OUT.ids
// (a line of ids a sentence) and OUT.L.npy, the rows of all windows after L layers. Or: states
// MODEL
// --speed TEXT: tokens a second in windows of 256.
#include "bench/guarded.h"
#include "engine/core/error.h"
#include "engine/embed/find_model.h"
#include "engine/embed/model_text.h"
#include "engine/embed/transformer_layers.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Windows {
    std::vector<std::uint32_t> ids;
    std::vector<std::size_t> begin = {0};
};

Windows windows_of(const hsa::TextModel& model, const std::string& lines) {
    Windows windows;
    for (std::size_t begin = 0; begin < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', begin), lines.size());
        windows.ids.push_back(model.first);
        for (const hsa::Piece& piece :
             model.tokenizer->encode(std::string_view(lines).substr(begin, end - begin)))
            windows.ids.push_back(piece.id);
        windows.ids.push_back(model.last);
        windows.begin.push_back(windows.ids.size());
        begin = end + 1;
    }
    return windows;
}

Windows windows_of_ids(const std::string& lines) {
    Windows windows;
    std::istringstream all(lines);
    for (std::string line; std::getline(all, line);) {
        std::istringstream words(line);
        for (std::uint32_t id = 0; words >> id;) windows.ids.push_back(id);
        windows.begin.push_back(windows.ids.size());
    }
    return windows;
}

void write_states(const hsa::Transformer& model, const Windows& windows, const std::string& out) {
    std::string lines;
    for (std::size_t w = 0; w + 1 < windows.begin.size(); ++w) {
        for (std::size_t r = windows.begin[w]; r < windows.begin[w + 1]; ++r)
            lines += (r > windows.begin[w] ? " " : "") + std::to_string(windows.ids[r]);
        lines += '\n';
    }
    hsa::write_file(out + ".ids", lines, hsa::Existing::replace);
    hsa::Matrix<float> states = hsa::embed_tokens(model, windows.ids, windows.begin);
    for (std::size_t layer = 0; layer <= model.layers.size(); ++layer) {
        if (layer > 0) states = hsa::run_layer(model, layer - 1, states.view(), windows.begin);
        hsa::write_file(fmt::format("{}.{}.npy", out, layer), hsa::write_npy(states.view()),
                        hsa::Existing::replace);
    }
}

void print_speed(const hsa::TextModel& model, const std::string& path) {
    std::vector<std::uint32_t> ids;
    for (const hsa::Piece& piece : model.tokenizer->encode(hsa::read_file(path)))
        ids.push_back(piece.id);
    const hsa::TokenWindows windows = hsa::cut_windows(ids, {256, 254, model.first, model.last});
    double best = 0.0;
    for (int round = 0; round < 5; ++round) {
        const auto start = std::chrono::steady_clock::now();
        hsa::Matrix<float> states =
            hsa::embed_tokens(*model.transformer, windows.ids, windows.begin);
        for (std::size_t layer = 0; layer < model.transformer->layers.size(); ++layer)
            states = hsa::run_layer(*model.transformer, layer, states.view(), windows.begin);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        best = std::max(best, static_cast<double>(windows.rows()) / took.count());
    }
    fmt::print("{:.0f}\n", best);
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("states", [&] {
        const std::vector<std::string> args(argv + 1, argv + argc);
        if (args.size() == 4 && args[1] == "--ids")
            return write_states(*hsa::read_transformer(args[0], {}),
                                windows_of_ids(hsa::read_file(args[2])), args[3]);
        if (args.size() != 3)
            hsa::fail(
                "Usage: states MODEL SENTENCES.txt OUT, states FOLDER --ids IDS OUT, or states "
                "MODEL --speed TEXT.");
        const auto model = hsa::read_text_model(hsa::need_model(args[0]), {});
        if (args[1] == "--speed") print_speed(*model, args[2]);
        else
            write_states(*model->transformer, windows_of(*model, hsa::read_file(args[1])), args[2]);
    });
}
