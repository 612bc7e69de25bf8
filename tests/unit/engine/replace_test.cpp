#include "engine/replace.h"

#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/embed/transformer_layers.h"
#include "engine/models.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/embed/tiny_model.h"

#include <memory>
#include <string>
#include <vector>

namespace {

const char* const kText =
    "The ship was at sea and the wind was in it. We ate and it was day.\n\nThe sea and the wind, "
    "the ship of the day: it was to the sea. A day at sea, and the wind.";

// A text read by the tiny model.
struct Read {
    explicit Read(std::size_t window = 40) {
        tiny::write(folder.at("."));
        const auto model = hsa::read_text_model(folder.at("."), {});
        auto text = std::make_shared<const std::string>(kText);
        words = std::make_shared<const hsa::Dataset>(
            hsa::split_pieces("text", text, *model->tokenizer, {}));
        settings.model = folder.at(".");
        settings.window = window;
        settings.stride = window / 2;
        read = std::make_unique<hsa::ModelText>(model, words, settings, nullptr);
        request.init.method = hsa::InitMethod::distil;
        request.init.counts = {6};
        request.attention.form = hsa::Form::shared;
    }
    [[nodiscard]] hsa::ReplaceReport run(const hsa::ReplaceSettings& replace) const {
        return hsa::replace_heads(*reference::cpu(), *read, *read->heads()->tokens(), request,
                                  replace, {});
    }

    io_test::Folder folder;
    std::shared_ptr<const hsa::Dataset> words;
    hsa::EmbedSettings settings;
    std::unique_ptr<hsa::ModelText> read;
    hsa::Request request;
};

hsa::ReplaceSettings replacing(const std::string& heads, hsa::ReplaceMode mode, double blend) {
    hsa::ReplaceSettings settings;
    settings.heads = heads;
    settings.mode = mode;
    settings.blend = blend;
    settings.bound = 1e6;
    return settings;
}

}  // namespace

TEST_CASE("heads to replace are read as they are written", "[replace]") {
    hsa::ReplaceSettings settings = replacing("all", hsa::ReplaceMode::hybrid, 0.5);
    CHECK(hsa::replaced_heads(settings, 2, 3).size() == 6);
    settings.heads = "1,1:2=0.25,0:0=0,1:0=0";
    const std::vector<hsa::ReplacedHead> some = hsa::replaced_heads(settings, 2, 3);
    REQUIRE(some.size() == 2);
    CHECK(some[0] == hsa::ReplacedHead{{1, 1}, 0.5});
    CHECK(some[1] == hsa::ReplacedHead{{1, 2}, 0.25});
    for (const char* wrong : {"every", "1:", "1:1=2", "1:1=", "=0.5", "1:1:1"}) {
        INFO(wrong);
        settings.heads = wrong;
        CHECK_THROWS_AS(hsa::replaced_heads(settings, 2, 3), hsa::Error);
    }
    settings.heads = "2:0";
    io_test::check_fails([&] { (void)hsa::replaced_heads(settings, 2, 3); }, {"no layer 2"});
}

TEST_CASE("a model on a text has its states, its heads and its special tokens", "[embed][model]") {
    const Read whole;
    const std::size_t n = whole.words->size();
    REQUIRE(n > 45);
    const auto states = whole.read->with_states(1, {});
    CHECK(states->size() == n);
    CHECK(states->embeddings.rows.cols == tiny::kHidden);
    REQUIRE(states->heads);
    CHECK(states->heads->layers() == tiny::kLayers);
    CHECK(states->heads->heads() == tiny::kHeads);
    // The rows are those of the window that a token is most central in.
    const hsa::TokenWindows windows = hsa::cut_windows(
        whole.words->piece_ids, {40, 20, whole.read->model().first, whole.read->model().last});
    hsa::Matrix<float> all =
        hsa::embed_tokens(*whole.read->model().transformer, windows.ids, windows.begin);
    for (std::size_t l = 0; l < 2; ++l)
        all = hsa::run_layer(*whole.read->model().transformer, l, all.view(), windows.begin);
    for (const std::size_t t : {std::size_t{0}, n / 2, n - 1})
        CHECK(std::equal(all.row(windows.taken[t]).begin(), all.row(windows.taken[t]).end(),
                         states->embeddings.rows.row(t).begin()));
    const std::shared_ptr<const hsa::Dataset> tokens = states->heads->tokens();
    REQUIRE(tokens);
    const std::size_t count = (n + 37) / 38;
    CHECK(tokens->size() == n + 2 * count);
    CHECK(tokens->token_text(0) == "[CLS]");
    CHECK(tokens->token_text(39) == "[SEP]");
    CHECK(tokens->token_text(1) == whole.words->token_text(0));
    CHECK(tokens->tokens[0].begin == tokens->tokens[0].end);
    CHECK(tokens->structure.section.size() == tokens->size());
    CHECK(tokens->structure.sections.back().tokens.end == tokens->size());
    const auto head = states->heads->rows(1, 2);
    CHECK(head->keys.rows() == tokens->size());
    CHECK(head->keys.cols() == tiny::kHidden / tiny::kHeads);
}

TEST_CASE("a text cut by another vocabulary is refused", "[embed][model]") {
    const Read read;
    auto other = std::make_shared<hsa::Dataset>(*read.words);
    other->vocabulary += 1;
    const auto model = hsa::read_text_model(read.folder.at("."), {});
    io_test::check_fails([&] { (void)hsa::ModelText(model, other, read.settings, nullptr); },
                         {"not those that the model", "reset embed.tokenizer"});
}

TEST_CASE("with blend 0, or beyond the bound, the model is itself to the bit", "[replace][laws]") {
    const Read read;
    for (const auto mode : {hsa::ReplaceMode::hybrid, hsa::ReplaceMode::added}) {
        const hsa::ReplaceReport none = read.run(replacing("all", mode, 0.0));
        CHECK(none.heads.empty());
        for (const double error : none.layer_error) CHECK(error == 0.0);
        CHECK(none.rank_correlation == 1.0);
    }
    hsa::ReplaceSettings strict = replacing("all", hsa::ReplaceMode::full, 1.0);
    strict.bound = 0.0;
    const hsa::ReplaceReport kept = read.run(strict);
    REQUIRE(kept.heads.size() == tiny::kLayers * tiny::kHeads);
    for (const hsa::ReplacedReport& head : kept.heads) CHECK(head.kept == kept.windows);
    for (const double error : kept.layer_error) CHECK(error == 0.0);
}

TEST_CASE("splats in the place of heads change what lies behind them, more with a larger share",
          "[replace]") {
    const Read read;
    const auto error = [&](hsa::ReplaceMode mode, double blend, const char* heads) {
        return read.run(replacing(heads, mode, blend)).layer_error;
    };
    const std::vector<double> little = error(hsa::ReplaceMode::hybrid, 0.1, "1:2");
    const std::vector<double> whole = error(hsa::ReplaceMode::hybrid, 1.0, "1:2");
    CHECK(little[0] == 0.0);  // the layer before does not know
    CHECK(little[1] > 0.0);
    CHECK(whole[1] > 4.0 * little[1]);
    CHECK(whole[1] < 0.5);
    CHECK(error(hsa::ReplaceMode::full, 0.3, "1:2") == whole);
    CHECK(error(hsa::ReplaceMode::added, 0.1, "1:2")[1] > little[1]);
    const std::vector<double> all = error(hsa::ReplaceMode::hybrid, 1.0, "all");
    CHECK(all[0] > 0.0);
    CHECK(all[1] > whole[1]);
}

TEST_CASE("what lies outside a window is heard through splats, nothing in one window",
          "[replace]") {
    const Read several(20);
    const hsa::ReplaceReport report = several.run(replacing("1", hsa::ReplaceMode::outside, 1.0));
    CHECK(report.windows > 2);
    CHECK(report.layer_error[0] == 0.0);
    CHECK(report.layer_error[1] > 0.0);
    const hsa::ReplaceReport quiet = several.run(replacing("1", hsa::ReplaceMode::outside, 1e-9));
    CHECK(quiet.layer_error[1] < 1e-6);
}

TEST_CASE("sentences are compared by the means of their tokens", "[replace]") {
    hsa::Matrix<float> own(6, 2);
    const float rows[6][2] = {{1, 0}, {1, 0}, {0, 1}, {0, 1}, {1, 1}, {9, 9}};
    for (std::size_t r = 0; r < 6; ++r)
        for (std::size_t a = 0; a < 2; ++a) own(r, a) = rows[r][a];
    hsa::Matrix<float> got = own;
    got(0, 1) = 2.0F;  // the mean of sentence 0 turns to (1, 1)
    const std::vector<std::uint32_t> sentence = {0, 0, 1, 1, 2, hsa::kNoSentence};
    hsa::ReplaceReport report;
    hsa::add_sentences(own, got, sentence, report);
    CHECK(report.sentences == 3);
    CHECK(report.cosine_least == Approx(std::sqrt(0.5)));
    CHECK(report.cosine_mean == Approx((2.0 + std::sqrt(0.5)) / 3.0));
    // Cosines of pairs: 0, .71, .71 before; .71, 1, .71 after.
    CHECK(report.rank_correlation == Approx(0.5));
    hsa::ReplaceReport same;
    hsa::add_sentences(own, own, sentence, same);
    CHECK(same.rank_correlation == 1.0);
}
