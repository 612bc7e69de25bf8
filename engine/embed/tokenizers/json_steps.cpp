#include "engine/embed/tokenizers/json_steps.h"

#include "engine/core/error.h"
#include "engine/io/json.h"

#include <functional>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kDeepest = 16;  // of a Sequence in a Sequence

// Calls read(step) for every step that is no Sequence. `list` names what a Sequence holds.
void each_step(const std::string& path, const char* what, const char* list,
               const nlohmann::json& step, std::size_t depth,
               const std::function<void(const JsonFields&)>& read) {
    if (step.is_null()) return;
    if (depth > kDeepest)
        fail("{}: {}: a Sequence in a Sequence goes {} deep: write one list of steps.", path, what,
             depth);
    const JsonFields fields(path, what, step);
    if (fields.text("type") != "Sequence") {
        read(fields);
        return;
    }
    for (const nlohmann::json& part : fields.array(list))
        each_step(path, what, list, part, depth + 1, read);
}

bool truth_or(const JsonFields& fields, const char* key, bool standard) {
    return fields.has(key) && !fields.at(key).is_null() ? fields.truth(key) : standard;
}

std::shared_ptr<const Normalizer> read_normalizer(const JsonFields& step) {
    const std::string type = step.text("type");
    if (type == "BertNormalizer") {
        BertCasing casing;
        casing.clean = truth_or(step, "clean_text", true);
        casing.ideographs = truth_or(step, "handle_chinese_chars", true);
        casing.lowercase = truth_or(step, "lowercase", true);
        if (step.has("strip_accents") && !step.at("strip_accents").is_null())
            casing.strip_accents = step.truth("strip_accents");
        return bert_normalizer(casing);
    }
    if (type == "NFC") return unicode_normalizer(UnicodeForm::nfc);
    if (type == "NFD") return unicode_normalizer(UnicodeForm::nfd);
    if (type == "NFKC") return unicode_normalizer(UnicodeForm::nfkc);
    if (type == "NFKD") return unicode_normalizer(UnicodeForm::nfkd);
    if (type == "Lowercase") return lowercase_normalizer();
    if (type == "StripAccents") return accent_normalizer();
    fail(
        "{}: the kind {} is not understood: expected BertNormalizer, NFC, NFD, NFKC, NFKD, "
        "Lowercase, StripAccents or a Sequence of these. Take another tokenizer.",
        step.where(), json_text(type));
}

SplitBehaviour read_behaviour(const JsonFields& step, const char* standard) {
    const std::string name = step.has("behavior") ? step.text("behavior") : standard;
    if (name == "Removed") return SplitBehaviour::removed;
    if (name == "Isolated") return SplitBehaviour::isolated;
    if (name == "MergedWithPrevious") return SplitBehaviour::with_last;
    if (name == "MergedWithNext") return SplitBehaviour::with_next;
    if (name == "Contiguous") return SplitBehaviour::contiguous;
    fail(
        "{}: the behavior {} is not understood: expected Removed, Isolated, MergedWithPrevious, "
        "MergedWithNext or Contiguous.",
        step.where(), json_text(name));
}

std::shared_ptr<const PreTokenizer> read_split(const JsonFields& step) {
    const JsonFields pattern = step.object("pattern");
    SplitPattern made;
    made.literal = pattern.has("String");
    made.text = pattern.text(made.literal ? "String" : "Regex");
    made.inverted = truth_or(step, "invert", false);
    made.behaviour = read_behaviour(step, "Isolated");
    return split_pre_tokenizer(step.where(), made);
}

std::shared_ptr<const PreTokenizer> read_pre_tokenizer(const JsonFields& step) {
    const std::string type = step.text("type");
    if (type == "BertPreTokenizer") return bert_pre_tokenizer();
    if (type == "WhitespaceSplit") return blank_pre_tokenizer();
    if (type == "Digits") return digit_pre_tokenizer(truth_or(step, "individual_digits", false));
    if (type == "Punctuation") return punctuation_pre_tokenizer(read_behaviour(step, "Isolated"));
    if (type == "Split") return read_split(step);
    if (type == "Whitespace") {
        SplitPattern words;
        words.text = R"([\p{L}\p{M}\p{Nd}\p{Pc}]+|[^\p{L}\p{M}\p{Nd}\p{Pc}\s]+)";
        words.inverted = true;
        words.behaviour = SplitBehaviour::removed;
        return split_pre_tokenizer(step.where(), words);
    }
    if (type == "ByteLevel")
        return byte_level_pre_tokenizer(truth_or(step, "add_prefix_space", true),
                                        truth_or(step, "use_regex", true));
    fail(
        "{}: the kind {} is not understood: expected ByteLevel, Split, Digits, Punctuation, "
        "Whitespace, WhitespaceSplit, BertPreTokenizer or a Sequence of these. Take another "
        "tokenizer.",
        step.where(), json_text(type));
}

}  // namespace

Normalizers read_normalizers(const std::string& path, const JsonFields& file) {
    Normalizers steps;
    if (!file.has("normalizer")) return steps;
    each_step(path, "normalizer", "normalizers", file.at("normalizer"), 0,
              [&](const JsonFields& step) { steps.push_back(read_normalizer(step)); });
    return steps;
}

JsonPreTokenizers read_pre_tokenizers(const std::string& path, const JsonFields& file) {
    JsonPreTokenizers made;
    if (!file.has("pre_tokenizer")) return made;
    each_step(path, "pre_tokenizer", "pretokenizers", file.at("pre_tokenizer"), 0,
              [&](const JsonFields& step) {
                  if (made.byte_level)
                      fail("{}: a step follows ByteLevel: expected ByteLevel as the last one.",
                           step.where());
                  made.byte_level = step.text("type") == "ByteLevel";
                  made.steps.push_back(read_pre_tokenizer(step));
              });
    return made;
}

}  // namespace hsa
