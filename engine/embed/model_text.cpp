#include "engine/embed/model_text.h"

#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// The pieces that a tokenizer has for the two ends of a window.
struct Ends {
    const char* first;
    const char* last;
};
constexpr std::array<Ends, 2> kEnds = {{{"[CLS]", "[SEP]"}, {"<s>", "</s>"}}};

// A type of its own for each special token, behind those of the text.
std::uint32_t type_of(Dataset& dataset, const Tokenizer& tokenizer, std::uint32_t id) {
    const std::string name = tokenizer.name(id);
    const auto known = std::find(dataset.type_names.begin(), dataset.type_names.end(), name);
    if (known != dataset.type_names.end())
        return static_cast<std::uint32_t>(known - dataset.type_names.begin());
    dataset.type_names.push_back(name);
    return static_cast<std::uint32_t>(dataset.type_names.size() - 1);
}

// The text with every row of its windows as a token. Special ones stand at the ends of what their
// window holds, with nothing of the text, in the sentence and section of their neighbour.
std::shared_ptr<const Dataset> with_special_tokens(const Dataset& words, const TextModel& model,
                                                   const TokenWindows& windows) {
    auto made = std::make_shared<Dataset>(words);
    made->tokens.clear();
    made->types.clear();
    made->labels.clear();
    made->properties.clear();
    made->structure.sentence.clear();
    made->structure.paragraph.clear();
    made->structure.section.clear();
    made->piece_ids = windows.ids;
    const std::uint32_t first_type = type_of(*made, *model.tokenizer, model.first);
    const std::uint32_t last_type = type_of(*made, *model.tokenizer, model.last);
    const auto put = [&](const Span& span, std::uint32_t type, std::size_t neighbour) {
        made->tokens.push_back(span);
        made->types.push_back(type);
        made->structure.sentence.push_back(words.structure.sentence[neighbour]);
        made->structure.paragraph.push_back(words.structure.paragraph[neighbour]);
        made->structure.section.push_back(words.structure.section[neighbour]);
    };
    for (std::size_t w = 0; w < windows.windows(); ++w) {
        const std::size_t begin = windows.text[w];
        const std::size_t end = begin + windows.begin[w + 1] - windows.begin[w] - 2;
        const std::uint64_t at = words.tokens[begin].begin;
        put({at, at}, first_type, begin);
        for (std::size_t t = begin; t < end; ++t) put(words.tokens[t], words.types[t], t);
        const std::uint64_t behind = words.tokens[end - 1].end;
        put({behind, behind}, last_type, end - 1);
    }
    std::size_t row = 0;
    for (Section& section : made->structure.sections) {
        const auto index = static_cast<std::uint32_t>(&section - made->structure.sections.data());
        section.tokens.begin = row;
        while (row < made->tokens.size() && made->structure.section[row] == index) ++row;
        section.tokens.end = row;
    }
    const std::array<std::uint64_t, 2> parts = {windows.rows(), windows.windows()};
    made->hash = hash_values(std::span<const std::uint64_t>(parts), words.hash);
    made->understood +=
        fmt::format(", {} special ones of {} window{}", count_text(2 * windows.windows()),
                    count_text(windows.windows()), windows.windows() == 1 ? "" : "s");
    return made;
}

class ModelHeads final : public HeadSource {
  public:
    ModelHeads(std::shared_ptr<const ModelStates> states, std::shared_ptr<const Dataset> tokens)
        : states_(std::move(states)), tokens_(std::move(tokens)) {}

    std::size_t layers() const override { return states_->model().shape.layers; }
    std::size_t heads() const override { return states_->model().shape.heads; }
    std::shared_ptr<const HeadRows> rows(std::size_t layer, std::size_t head) const override {
        return states_->head(layer, head, {});
    }
    std::shared_ptr<const Dataset> tokens() const override { return tokens_; }

  private:
    std::shared_ptr<const ModelStates> states_;
    std::shared_ptr<const Dataset> tokens_;
};

}  // namespace

std::shared_ptr<const TextModel> read_text_model(const std::string& folder, const Work& work) {
    auto model = std::make_shared<TextModel>();
    model->folder = folder;
    model->tokenizer = read_tokenizer(folder);
    work.check();
    model->transformer = read_transformer(folder, work);
    if (model->tokenizer->size() > model->transformer->shape.vocabulary)
        fail("{}: its tokenizer has {} pieces and its weights {}: they belong to other models.",
             folder, model->tokenizer->size(), model->transformer->shape.vocabulary);
    // XLM-RoBERTa and CamemBERT put pieces of their own before those of the file.
    if (model->tokenizer->kind() == "SentencePiece" &&
        model->tokenizer->size() != model->transformer->shape.vocabulary)
        fail(
            "{}: its SentencePiece file has {} pieces and its weights {}: the model numbers them "
            "in "
            "another way, which is not read.",
            folder, model->tokenizer->size(), model->transformer->shape.vocabulary);
    for (const Ends& ends : kEnds) {
        const auto first = model->tokenizer->id_of(ends.first);
        const auto last = model->tokenizer->id_of(ends.last);
        if (!first || !last) continue;
        model->first = *first;
        model->last = *last;
        return model;
    }
    fail("{}: its vocabulary has neither [CLS] and [SEP] nor <s> and </s>.", folder);
}

std::size_t window_of(const TextModel& model, const EmbedSettings& settings) {
    return std::clamp<std::size_t>(settings.window, 3, model.transformer->shape.positions);
}

ModelText::ModelText(std::shared_ptr<const TextModel> model, std::shared_ptr<const Dataset> words,
                     const EmbedSettings& settings, const std::shared_ptr<const StateCache>& cache)
    : model_(std::move(model)),
      words_(std::move(words)),
      window_(window_of(*model_, settings)),
      stride_(std::min(settings.stride, window_ - 2)) {
    if (words_->vocabulary != model_->tokenizer->hash() ||
        words_->piece_ids.size() != words_->tokens.size())
        fail("{}: its tokens are not those that the model {} reads: reset embed.tokenizer.",
             words_->source, model_->folder);
    WindowOptions options{window_, window_ - 2, model_->first, model_->last};
    TokenWindows apart = cut_windows(words_->piece_ids, options);
    const std::shared_ptr<const Dataset> tokens = with_special_tokens(*words_, *model_, apart);
    const bool one = apart.windows() == 1;
    disjoint_ = std::make_shared<const ModelStates>(model_->transformer, std::move(apart), cache);
    options.stride = stride_;
    overlapping_ = one || stride_ == window_ - 2
                       ? disjoint_
                       : std::make_shared<const ModelStates>(
                             model_->transformer, cut_windows(words_->piece_ids, options), cache);
    heads_ = std::make_shared<const ModelHeads>(disjoint_, tokens);
}

std::shared_ptr<const Dataset> ModelText::with_states(std::size_t layer, const Work& work) const {
    const std::shared_ptr<const Embeddings> states = overlapping_->after(layer + 1, work);
    const std::vector<std::uint32_t>& taken = overlapping_->windows().taken;
    Matrix<float> rows = Matrix<float>::unwritten(taken.size(), states->rows.cols);
    for (std::size_t t = 0; t < taken.size(); ++t) {
        const auto row = states->rows.row(taken[t]);
        std::copy(row.begin(), row.end(), rows.row(t).begin());
    }
    auto made = std::make_shared<Dataset>(*words_);
    made->embeddings = Embeddings::own(std::move(rows));
    made->embedding_id =
        fmt::format("model:{:016x}:{}:{}:{}", model_->transformer->hash, layer, window_, stride_);
    made->dtype = "float32";
    made->heads = heads_;
    return made;
}

std::string ModelText::windows_sentence(bool of_heads) const {
    const ModelStates& states = of_heads ? *disjoint_ : *overlapping_;
    const std::size_t count = states.windows().windows();
    const std::string name = std::filesystem::path(model_->folder).filename().string();
    if (count == 1) return fmt::format("{} reads the text in one window", name);
    if (of_heads)
        return fmt::format(
            "{} reads the text in {} windows of {} tokens: across windows attention is as if it "
            "saw both",
            name, count, window_);
    return fmt::format("{} reads the text in {} windows of {} tokens, {} apart", name, count,
                       window_, stride_);
}

}  // namespace hsa
