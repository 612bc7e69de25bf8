#include "engine/embed/tokenizers/vocab_txt.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/tokenizers/pipeline.h"
#include "engine/embed/tokenizers/wordpiece.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"
#include "engine/io/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hsa {
namespace {

struct Config {
    BertCasing casing;
    std::array<std::string, 5> special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    static constexpr std::size_t kUnknown = 1;
};

// A token is written as its text or as an object with its `content`.
std::string token_text(const JsonFields& fields, const char* key) {
    const nlohmann::json& value = fields.at(key);
    return value.is_object() ? fields.object(key).text("content") : fields.text(key);
}

Config read_config(const std::string& path, std::string_view bytes) {
    Config config;
    if (bytes.empty()) return config;
    const nlohmann::json json = parse_json(path, bytes);
    const JsonFields fields(path, "", json);
    const auto given = [&](const char* key) {
        return fields.has(key) && !fields.at(key).is_null();
    };
    if (given("do_lower_case")) config.casing.lowercase = fields.truth("do_lower_case");
    if (given("strip_accents")) config.casing.strip_accents = fields.truth("strip_accents");
    if (given("tokenize_chinese_chars"))
        config.casing.ideographs = fields.truth("tokenize_chinese_chars");
    constexpr std::array kKeys = {"pad_token", "unk_token", "cls_token", "sep_token", "mask_token"};
    for (std::size_t k = 0; k < kKeys.size(); ++k)
        if (given(kKeys[k])) config.special[k] = token_text(fields, kKeys[k]);
    return config;
}

std::shared_ptr<const Vocabulary> read_pieces(const std::string& path, std::string_view bytes) {
    if (const auto offset = first_invalid_utf8(bytes))
        fail("{}: byte {} is not valid UTF-8: expected a vocabulary of one piece a line.", path,
             *offset);
    const auto lines = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n')) + 1;
    auto vocabulary = std::make_shared<Vocabulary>();
    std::size_t line = 0;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        std::string_view piece = bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        piece = piece.substr(0, piece.find_last_not_of(" \t\r") + 1);
        // A line of white space alone is no piece that a text could hold, but has a number.
        if (!piece.empty()) vocabulary->add(path, std::string(piece), line, lines);
        ++line;
    }
    if (vocabulary->size() == 0)
        fail("{}: the vocabulary is empty: expected one piece a line.", path);
    return vocabulary;
}

}  // namespace

std::shared_ptr<const Tokenizer> read_vocab_txt(const std::string& path, std::string_view bytes,
                                                const std::string& config_path,
                                                std::string_view config_bytes) {
    const Config config = read_config(config_path, config_bytes);
    Pipeline made;
    made.vocabulary = read_pieces(path, bytes);
    made.normalizers = {bert_normalizer(config.casing)};
    made.pre_tokenizers = {bert_pre_tokenizer()};
    WordPieceOptions options;
    options.unknown = config.special[Config::kUnknown];
    made.model = wordpiece_model(path, made.vocabulary, options);
    for (const std::string& special : config.special) {
        const auto id = made.vocabulary->find(special);
        if (!id) continue;
        AddedToken token;
        token.id = *id;
        token.content = special;
        token.special = true;
        made.added.push_back(std::move(token));
    }
    made.hash = hash_text(config_bytes, hash_text(bytes));
    return make_tokenizer(std::move(made));
}

}  // namespace hsa
