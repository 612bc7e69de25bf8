#pragma once

#include "engine/core/random.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

// A BERT small enough for tests, every number drawn from a seed, in the files that a real one has.
namespace tiny {

inline constexpr std::size_t kLayers = 2;
inline constexpr std::size_t kHeads = 4;
inline constexpr std::size_t kHidden = 32;
inline constexpr std::size_t kWide = 48;
inline constexpr std::size_t kPositions = 40;

inline const std::vector<std::string>& vocabulary() {
    static const std::vector<std::string> pieces = [] {
        std::vector<std::string> all = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".",
                                        ",",     "!",     "?",     "-",     ";",      ":",
                                        "'",     "\"",    "(",     ")"};
        for (char c = 'a'; c <= 'z'; ++c) {
            all.emplace_back(1, c);
            all.push_back("##" + std::string(1, c));
        }
        for (char c = '0'; c <= '9'; ++c) {
            all.emplace_back(1, c);
            all.push_back("##" + std::string(1, c));
        }
        for (const char* word : {"the", "sea", "ship", "and", "of", "to", "was", "in", "we", "it",
                                 "##ing", "##ed", "##er", "##ly", "at", "on", "wind", "day"})
            all.emplace_back(word);
        return all;
    }();
    return pieces;
}

// Name, shape and values of every tensor.
struct Tensor {
    std::string name;
    std::vector<std::size_t> shape;
    std::vector<float> values;
};

inline std::vector<Tensor> tensors() {
    std::vector<Tensor> all;
    const auto add = [&](const std::string& name, std::vector<std::size_t> shape, double scale,
                         double middle) {
        std::size_t count = 1;
        for (const std::size_t extent : shape) count *= extent;
        std::vector<float> values(count);
        for (std::size_t e = 0; e < count; ++e)
            values[e] =
                static_cast<float>(middle + scale * hsa::Random{77, all.size(), e}.normal());
        all.push_back({name, std::move(shape), std::move(values)});
    };
    const auto linear = [&](const std::string& name, std::size_t out, std::size_t in,
                            double scale) {
        add(name + ".weight", {out, in}, scale, 0.0);
        add(name + ".bias", {out}, 0.1, 0.0);
    };
    const auto norm = [&](const std::string& name) {
        add(name + ".weight", {kHidden}, 0.1, 1.0);
        add(name + ".bias", {kHidden}, 0.1, 0.0);
    };
    add("embeddings.word_embeddings.weight", {vocabulary().size(), kHidden}, 1.0, 0.0);
    add("embeddings.position_embeddings.weight", {kPositions, kHidden}, 0.4, 0.0);
    add("embeddings.token_type_embeddings.weight", {2, kHidden}, 0.2, 0.0);
    norm("embeddings.LayerNorm");
    for (std::size_t l = 0; l < kLayers; ++l) {
        const std::string layer = fmt::format("encoder.layer.{}.", l);
        linear(layer + "attention.self.query", kHidden, kHidden, 0.35);
        linear(layer + "attention.self.key", kHidden, kHidden, 0.35);
        linear(layer + "attention.self.value", kHidden, kHidden, 0.2);
        linear(layer + "attention.output.dense", kHidden, kHidden, 0.2);
        norm(layer + "attention.output.LayerNorm");
        linear(layer + "intermediate.dense", kWide, kHidden, 0.2);
        linear(layer + "output.dense", kHidden, kWide, 0.2);
        norm(layer + "output.LayerNorm");
    }
    return all;
}

// "F32", "F16" (truncated) or "BF16" (truncated).
inline std::string stored(float value, const std::string& dtype) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    std::string out(dtype == "F32" ? 4 : 2, '\0');
    if (dtype == "F32") std::memcpy(out.data(), &bits, 4);
    if (dtype == "BF16") {
        const auto upper = static_cast<std::uint16_t>(bits >> 16U);
        std::memcpy(out.data(), &upper, 2);
    }
    if (dtype == "F16") {
        const auto exponent = static_cast<int>((bits >> 23U) & 0xFFU) - 112;
        auto half = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
        if (exponent > 0)
            half = static_cast<std::uint16_t>(half | static_cast<std::uint32_t>(exponent) << 10U |
                                              ((bits >> 13U) & 0x3FFU));
        std::memcpy(out.data(), &half, 2);
    }
    return out;
}

inline std::string safetensors(const std::string& dtype = "F32") {
    std::string header = "{";
    std::string data;
    for (const Tensor& tensor : tensors()) {
        std::string shape;
        for (const std::size_t extent : tensor.shape)
            shape += (shape.empty() ? "" : ",") + std::to_string(extent);
        const std::size_t begin = data.size();
        for (const float value : tensor.values) data += stored(value, dtype);
        header += fmt::format(R"({}"{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                              header.size() > 1 ? "," : "", tensor.name, dtype, shape, begin,
                              data.size());
    }
    header += "}";
    while (header.size() % 8 != 0) header += ' ';
    const auto length = static_cast<std::uint64_t>(header.size());
    std::string out(sizeof(length), '\0');
    std::memcpy(out.data(), &length, sizeof(length));
    return out + header + data;
}

inline std::string config() {
    return fmt::format(
        R"({{"model_type": "bert", "hidden_size": {}, "num_hidden_layers": {},)"
        R"( "num_attention_heads": {}, "intermediate_size": {}, "max_position_embeddings": {},)"
        R"( "vocab_size": {}, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12}})",
        kHidden, kLayers, kHeads, kWide, kPositions, vocabulary().size());
}

inline std::string vocabulary_file() {
    std::string text;
    for (const std::string& piece : vocabulary()) text += piece + "\n";
    return text;
}

// Writes the model into a folder that is there.
inline void write(const std::string& folder, const std::string& dtype = "F32") {
    io_test::put_file(folder + "/model.safetensors", safetensors(dtype));
    io_test::put_file(folder + "/config.json", config());
    io_test::put_file(folder + "/vocab.txt", vocabulary_file());
}

}  // namespace tiny
