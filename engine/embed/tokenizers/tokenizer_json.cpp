#include "engine/embed/tokenizers/tokenizer_json.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/tokenizers/bpe.h"
#include "engine/embed/tokenizers/json_steps.h"
#include "engine/embed/tokenizers/pipeline.h"
#include "engine/embed/tokenizers/wordpiece.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"

#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::int64_t kHighestId = std::numeric_limits<std::uint32_t>::max() - 1;

std::vector<AddedToken> read_added(const std::string& path, const JsonFields& file) {
    std::vector<AddedToken> added;
    if (!file.has("added_tokens") || file.at("added_tokens").is_null()) return added;
    for (const nlohmann::json& entry : file.array("added_tokens")) {
        const JsonFields fields(path, "added_tokens " + std::to_string(added.size()), entry);
        const auto truth = [&](const char* key) { return fields.has(key) && fields.truth(key); };
        AddedToken token;
        token.id = static_cast<std::uint32_t>(fields.integer("id", 0, kHighestId));
        token.content = fields.text("content");
        if (token.content.empty())
            fail("{}: content is empty: expected the text of a token.", fields.where());
        token.special = truth("special");
        token.normalized = fields.has("normalized") ? fields.truth("normalized") : !token.special;
        token.single_word = truth("single_word");
        token.takes_left = truth("lstrip");
        token.takes_right = truth("rstrip");
        added.push_back(std::move(token));
    }
    return added;
}

std::shared_ptr<const Vocabulary> read_pieces(const std::string& path, const JsonFields& model,
                                              const std::vector<AddedToken>& added) {
    const nlohmann::json& pieces = model.object("vocab").value();
    const std::size_t expected = pieces.size() + added.size();
    auto vocabulary = std::make_shared<Vocabulary>();
    for (const auto& [piece, id] : pieces.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0)
            fail("{}: the piece {} has the number {}: expected a whole number from 0 on.",
                 model.where(), json_text(piece), shown(id));
        vocabulary->add(path, piece, id.get<std::uint64_t>(), expected);
    }
    for (const AddedToken& token : added) {
        const auto known = vocabulary->find(token.content);
        if (!known) vocabulary->add(path, token.content, token.id, expected);
        else if (*known != token.id)
            fail(
                "{}: the added token {} has the number {} and is piece {} of the vocabulary: both "
                "must be the same.",
                path, json_text(token.content), token.id, *known);
    }
    if (vocabulary->size() == 0) fail("{}: vocab is empty: expected pieces.", model.where());
    return vocabulary;
}

// Older files do not name the kind of their model.
std::string model_type(const JsonFields& model) {
    if (model.has("type")) return model.text("type");
    if (model.has("merges")) return "BPE";
    if (model.has("max_input_chars_per_word")) return "WordPiece";
    return model.text("type");
}

std::shared_ptr<const PieceModel> read_wordpiece(const std::string& path, const JsonFields& model,
                                                 std::shared_ptr<const Vocabulary> vocabulary) {
    WordPieceOptions options;
    options.unknown = model.text("unk_token");
    if (model.has("continuing_subword_prefix"))
        options.prefix = model.text("continuing_subword_prefix");
    if (model.has("max_input_chars_per_word"))
        options.longest_word = static_cast<std::size_t>(
            model.integer("max_input_chars_per_word", 0, std::numeric_limits<std::int32_t>::max()));
    return wordpiece_model(path, std::move(vocabulary), options);
}

// "a b", or the two in a list of their own.
Merges read_merges(const JsonFields& model) {
    Merges merges;
    const nlohmann::json& list = model.array("merges");
    merges.reserve(list.size());
    for (const nlohmann::json& entry : list) {
        const auto refuse = [&] {
            fail("{}: merge {} (from 0) is {}: expected two pieces, as \"a b\" or [\"a\", \"b\"].",
                 model.where(), merges.size(), shown(entry));
        };
        if (entry.is_array()) {
            if (entry.size() != 2 || !entry[0].is_string() || !entry[1].is_string()) refuse();
            merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
            continue;
        }
        if (!entry.is_string()) refuse();
        const auto text = entry.get<std::string>();
        const std::size_t blank = text.find(' ');
        if (blank == std::string::npos || text.find(' ', blank + 1) != std::string::npos) refuse();
        merges.emplace_back(text.substr(0, blank), text.substr(blank + 1));
    }
    return merges;
}

// Throws Error where a setting has another value than the one that is understood.
void refuse_others(const JsonFields& model) {
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (model.has(key) && !model.at(key).is_null() && !model.text(key).empty())
            fail("{}: {} is {}: only a BPE without one is understood. Take another tokenizer.",
                 model.where(), key, json_text(model.text(key)));
    if (model.has("byte_fallback") && model.truth("byte_fallback"))
        fail(
            "{}: byte_fallback is not understood: take the SentencePiece .model of this tokenizer.",
            model.where());
    if (model.optional_number("dropout").value_or(0.0) != 0.0)
        fail("{}: dropout is {}: a text would be cut another way each time. Set it to null.",
             model.where(), model.number("dropout"));
}

std::shared_ptr<const PieceModel> read_bpe(const std::string& path, const JsonFields& model,
                                           std::shared_ptr<const Vocabulary> vocabulary,
                                           bool byte_level) {
    refuse_others(model);
    BpeOptions options;
    options.byte_level = byte_level;
    options.whole_words = model.has("ignore_merges") && model.truth("ignore_merges");
    if (model.has("unk_token") && !model.at("unk_token").is_null())
        options.unknown = model.text("unk_token");
    options.fuse_unknown = model.has("fuse_unk") && model.truth("fuse_unk");
    return bpe_model(path, std::move(vocabulary), read_merges(model), options);
}

}  // namespace

std::shared_ptr<const Tokenizer> read_tokenizer_json(const std::string& path,
                                                     std::string_view bytes) {
    const nlohmann::json json = parse_json(path, bytes);
    const JsonFields file(path, "", json);
    if (!file.has("model"))
        fail("{}: the key model is missing: expected a tokenizer.json of the library tokenizers.",
             path);
    const JsonFields model = file.object("model");
    const std::string type = model_type(model);
    if (type != "WordPiece" && type != "BPE")
        fail(
            "{}: the model {} is not understood: expected WordPiece or BPE. Take another "
            "tokenizer, such as the SentencePiece .model where there is one.",
            path, json_text(type));
    Pipeline made;
    made.hash = hash_text(bytes);
    made.added = read_added(path, file);
    made.vocabulary = read_pieces(path, model, made.added);
    made.normalizers = read_normalizers(path, file);
    JsonPreTokenizers words = read_pre_tokenizers(path, file);
    made.pre_tokenizers = std::move(words.steps);
    if (type == "BPE") made.model = read_bpe(path, model, made.vocabulary, words.byte_level);
    else if (words.byte_level)
        fail("{}: pre_tokenizer ByteLevel and the model WordPiece do not go together.", path);
    else made.model = read_wordpiece(path, model, made.vocabulary);
    return make_tokenizer(std::move(made));
}

}  // namespace hsa
