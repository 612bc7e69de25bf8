#include "engine/embed/transformer.h"

#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/embed/model_states.h"
#include "engine/embed/transformer_lanes.h"
#include "engine/embed/transformer_layers.h"
#include "tests/catch.h"
#include "tests/unit/engine/embed/tiny_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

namespace {

using hsa::Matrix;

// The tiny model in a folder of its own.
struct Tiny {
    explicit Tiny(const std::string& dtype = "F32") {
        tiny::write(folder.at("."), dtype);
        model = hsa::read_transformer(folder.at("."), {});
    }
    io_test::Folder folder;
    std::shared_ptr<const hsa::Transformer> model;
};

const std::vector<std::uint32_t> kIds = {2, 16, 90, 20, 5, 3, 2, 40, 41, 42, 43, 44, 3};
const std::vector<std::size_t> kBegin = {0, 6, 13};

// After the embeddings and each layer.
std::vector<Matrix<float>> states_of(const hsa::Transformer& model) {
    std::vector<Matrix<float>> states = {hsa::embed_tokens(model, kIds, kBegin)};
    for (std::size_t l = 0; l < model.layers.size(); ++l)
        states.push_back(hsa::run_layer(model, l, states.back().view(), kBegin));
    return states;
}

std::string refused(const io_test::Folder& folder) {
    return io_test::complaint_of([&] { (void)hsa::read_transformer(folder.at("."), {}); });
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("an encoder gives the states that PyTorch gives", "[embed][model]") {
    // BertModel of transformers 4 in float64, the same weights: a window a block, tokens 0, 1, 2
    // and the last in dimensions 0, 7, 31 and 16, after the embeddings and each layer.
    constexpr std::array<std::array<std::array<double, 4>, 3>, 2> kExpected = {
        {{{{-0.09134481, 0.7633598, -1.720118, 1.045465},
           {-0.1029359, 1.343833, 0.796917, 0.8318257},
           {-1.436803, 1.325878, -0.418153, 0.9240714}}},
         {{{-0.09134481, -1.196882, -0.3898732, 1.66078},
           {-0.1022366, -0.8108988, -0.4227486, 0.3678907},
           {-2.142553, 1.679983, 0.106641, 0.3468325}}}}};
    const Tiny tiny;
    CHECK(tiny.model->shape.heads == 4);
    CHECK(tiny.model->shape.head_size() == 8);
    const std::vector<Matrix<float>> states = states_of(*tiny.model);
    REQUIRE(states.size() == 3);
    for (std::size_t w = 0; w < 2; ++w)
        for (std::size_t l = 0; l < 3; ++l) {
            INFO("window " << w << " layer " << l);
            const std::array<std::size_t, 4> rows = {kBegin[w], kBegin[w] + 1, kBegin[w] + 2,
                                                     kBegin[w + 1] - 1};
            constexpr std::array<std::size_t, 4> kColumns = {0, 7, 31, 16};
            for (std::size_t i = 0; i < 4; ++i)
                CHECK(static_cast<double>(states[l](rows[i], kColumns[i])) ==
                      Approx(kExpected[w][l][i]).margin(4e-6));
        }
    // Attention of token 1 in layer 1, head 3 of the first window.
    constexpr std::array<double, 6> kRow = {0.068291,  0.909691, 2.16408e-06,
                                            0.0199257, 0.001067, 0.00102272};
    const Matrix<float> projected = hsa::project_heads(*tiny.model, 1, states[1].view());
    std::vector<float> scores(6);
    for (std::size_t j = 0; j < 6; ++j)
        for (std::size_t a = 0; a < 8; ++a)
            scores[j] += projected(1, 24 + a) * projected(j, 32 + 24 + a) / std::sqrt(8.0F);
    (void)hsa::softmax(scores);
    for (std::size_t j = 0; j < 6; ++j)
        CHECK(static_cast<double>(scores[j]) == Approx(kRow[j]).epsilon(1e-4));
}

TEST_CASE("weights of sixteen bits give nearly the same states", "[embed][model]") {
    const std::vector<Matrix<float>> exact = states_of(*Tiny().model);
    for (const char* dtype : {"F16", "BF16"}) {
        INFO(dtype);
        const std::vector<Matrix<float>> states = states_of(*Tiny(dtype).model);
        double difference = 0.0;
        double size = 0.0;
        for (std::size_t e = 0; e < exact[2].size(); ++e) {
            difference +=
                std::pow(static_cast<double>(states[2].data()[e] - exact[2].data()[e]), 2);
            size += std::pow(static_cast<double>(exact[2].data()[e]), 2);
        }
        const double relative = std::sqrt(difference / size);
        CHECK(relative > 0.0);
        CHECK(relative < (std::string(dtype) == "F16" ? 0.005 : 0.05));
    }
}

TEST_CASE("states depend neither on threads nor on which windows go together",
          "[embed][model][laws]") {
    const Tiny tiny;
    const std::vector<Matrix<float>> together = states_of(*tiny.model);
    {
        const hsa::ThreadLimit one(1);
        CHECK(states_of(*tiny.model)[2] == together[2]);
    }
    const std::vector<std::size_t> begin = {0, 7};
    const std::vector<std::uint32_t> ids(kIds.begin() + 6, kIds.end());
    Matrix<float> alone = hsa::embed_tokens(*tiny.model, ids, begin);
    for (std::size_t l = 0; l < 2; ++l) alone = hsa::run_layer(*tiny.model, l, alone.view(), begin);
    for (std::size_t r = 0; r < 7; ++r)
        CHECK(std::equal(alone.row(r).begin(), alone.row(r).end(), together[2].row(6 + r).begin()));
}

TEST_CASE("activations are those of their names", "[embed][model]") {
    std::vector<float> x;
    for (int i = -640; i <= 640; ++i) x.push_back(static_cast<float>(i) / 64.0F);
    std::vector<float> gelu = x;
    std::vector<float> tanh = x;
    std::vector<float> relu = x;
    hsa::activate(hsa::Activation::gelu, gelu);
    hsa::activate(hsa::Activation::gelu_tanh, tanh);
    hsa::activate(hsa::Activation::relu, relu);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto v = static_cast<double>(x[i]);
        const double size = std::max(1.0, std::abs(v));
        CHECK(std::abs(static_cast<double>(gelu[i]) - 0.5 * v * std::erfc(-v / std::sqrt(2.0))) <
              2.5e-7 * size);
        const double u = std::sqrt(2.0 / 3.14159265358979) * (v + 0.044715 * v * v * v);
        CHECK(std::abs(static_cast<double>(tanh[i]) - 0.5 * v * (1.0 + std::tanh(u))) <
              4e-7 * size);
        CHECK(relu[i] == std::max(x[i], 0.0F));
    }
}

TEST_CASE("what is wrong with a model's files is said", "[embed][model]") {
    const io_test::Folder folder;
    tiny::write(folder.at("."));
    const auto with_config = [&](const std::string& from, const std::string& to) {
        std::string text = tiny::config();
        replace(text, from, to);
        io_test::put_file(folder.at("config.json"), text);
        std::string sentence = refused(folder);
        io_test::put_file(folder.at("config.json"), tiny::config());
        return sentence;
    };
    CHECK(refused(folder).empty());
    CHECK(with_config("\"bert\"", "\"gpt2\"").find("model_type 'gpt2'") != std::string::npos);
    CHECK(with_config("\"hidden_size\": 32", "\"hidden_size\": 30").find("do not divide") !=
          std::string::npos);
    CHECK(with_config("\"hidden_size\"", "\"hidden\"").find("dim") != std::string::npos);
    CHECK(with_config("\"gelu\"", "\"swish\"").find("'swish'") != std::string::npos);
    CHECK(with_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")
              .find("encoder.layer.2.attention.self.query.weight") != std::string::npos);
    CHECK(with_config("\"intermediate_size\": 48", "\"intermediate_size\": 50").find("(50, 32)") !=
          std::string::npos);
    CHECK(with_config("\"vocab_size\": 106", "\"vocab_size\": 107").find("107 x 32") !=
          std::string::npos);
    std::filesystem::remove(folder.at("model.safetensors"));
    CHECK(refused(folder).find("model.safetensors") != std::string::npos);
}

TEST_CASE("the positions of a RoBERTa begin behind its padding", "[embed][model]") {
    const Tiny bert;
    std::string text = tiny::config();
    replace(text, "\"bert\"", "\"roberta\"");
    replace(text, "{", "{\"pad_token_id\": 1, ");
    io_test::put_file(bert.folder.at("config.json"), text);
    const auto roberta = hsa::read_transformer(bert.folder.at("."), {});
    CHECK(roberta->shape.positions == tiny::kPositions - 2);
    CHECK(std::equal(roberta->positions.row(0).begin(), roberta->positions.row(0).end(),
                     bert.model->positions.row(2).begin()));
    CHECK(roberta->hash != bert.model->hash);
}

TEST_CASE("a piece that is not in the vocabulary is refused", "[embed][model]") {
    const Tiny tiny;
    const std::vector<std::uint32_t> ids = {2, 200, 3};
    const std::vector<std::size_t> begin = {0, 3};
    io_test::check_fails([&] { (void)hsa::embed_tokens(*tiny.model, ids, begin); },
                         {"no piece 200", "106"});
    const std::vector<std::uint32_t> many(41, 5);
    const std::vector<std::size_t> long_window = {0, 41};
    io_test::check_fails([&] { (void)hsa::embed_tokens(*tiny.model, many, long_window); },
                         {"41 tokens", "40 positions"});
}

TEST_CASE("windows hold every token, and it is taken where it is most central",
          "[embed][windows][laws]") {
    for (const std::size_t n : {1U, 5U, 8U, 9U, 20U, 21U, 100U})
        for (const std::size_t stride : {1U, 3U, 4U, 8U, 50U}) {
            INFO(n << " tokens, stride " << stride);
            std::vector<std::uint32_t> ids(n);
            std::iota(ids.begin(), ids.end(), 10U);
            const hsa::TokenWindows windows = hsa::cut_windows(ids, {10, stride, 1, 2});
            REQUIRE(windows.begin.back() == windows.ids.size());
            std::vector<std::size_t> best(n, 0);
            for (std::size_t w = 0; w < windows.windows(); ++w) {
                const std::size_t first = windows.begin[w];
                const std::size_t end = windows.begin[w + 1];
                CHECK(end - first <= 10);
                CHECK(windows.ids[first] == 1);
                CHECK(windows.ids[end - 1] == 2);
                for (std::size_t r = first + 1; r + 1 < end; ++r) {
                    const std::size_t token = windows.text[w] + r - first - 1;
                    CHECK(windows.ids[r] == ids[token]);
                    best[token] = std::max(best[token], std::min(r - first, end - 1 - r));
                }
            }
            for (std::size_t t = 0; t < n; ++t) {
                CHECK(windows.ids[windows.taken[t]] == ids[t]);
                std::size_t w = 0;
                while (windows.begin[w + 1] <= windows.taken[t]) ++w;
                CHECK(std::min(windows.taken[t] - windows.begin[w],
                               windows.begin[w + 1] - 1 - windows.taken[t]) == best[t]);
            }
            if (stride >= 8) CHECK(windows.rows() == n + 2 * windows.windows());
        }
}

TEST_CASE("states are remembered on the disk and a damaged file is computed again",
          "[embed][model][cache]") {
    const Tiny tiny;
    const io_test::Folder folder;
    const auto cache = std::make_shared<const hsa::StateCache>(folder.at("cache"));
    std::vector<std::uint32_t> ids(70);
    for (std::size_t t = 0; t < ids.size(); ++t) ids[t] = static_cast<std::uint32_t>(16 + t % 60);
    const hsa::TokenWindows windows = hsa::cut_windows(ids, {20, 9, 2, 3});
    const hsa::ModelStates plain(tiny.model, windows, nullptr);
    const auto expected = plain.after(2, {});
    const auto same = [&](const hsa::Embeddings& states) {
        return std::equal(states.rows.data, states.rows.data + states.rows.rows * states.rows.cols,
                          expected->rows.data);
    };
    CHECK(same(*hsa::ModelStates(tiny.model, windows, cache).after(2, {})));
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder.at("cache")))
        files.push_back(entry.path());
    REQUIRE(files.size() == 1);
    const auto time = std::filesystem::last_write_time(files[0]);
    CHECK(same(*hsa::ModelStates(tiny.model, windows, cache).after(2, {})));
    CHECK(std::filesystem::last_write_time(files[0]) >= time);
    std::string bytes = io_test::get_file(files[0]);
    bytes[200] = static_cast<char>(bytes[200] + 1);
    io_test::put_file(files[0], bytes);
    CHECK(same(*hsa::ModelStates(tiny.model, windows, cache).after(2, {})));
    CHECK(io_test::get_file(files[0]) != bytes);
    // Little room: the oldest goes.
    const auto small = std::make_shared<const hsa::StateCache>(folder.at("cache"), 30000);
    CHECK(same(*hsa::ModelStates(tiny.model, windows, small).after(2, {})));
    std::uint64_t total = 0;
    (void)hsa::ModelStates(tiny.model, windows, small).after(1, {});
    for (const auto& entry : std::filesystem::directory_iterator(folder.at("cache")))
        total += entry.file_size();
    CHECK(total <= 30000);
    // A head is what the layer's projection says.
    const auto head = plain.head(1, 2, {});
    const Matrix<float> projected = hsa::project_heads(*tiny.model, 1, plain.after(1, {})->rows);
    for (std::size_t r = 0; r < head->keys.rows(); ++r)
        for (std::size_t a = 0; a < 8; ++a) {
            CHECK(head->queries(r, a) == projected(r, 16 + a));
            CHECK(head->values(r, a) == projected(r, 64 + 16 + a));
        }
}
