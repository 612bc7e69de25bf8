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

std::shared_ptr<const PreTokenizer> read_pre_tokenizer(const JsonFields& step) {
    const std::string type = step.text("type");
    if (type == "BertPreTokenizer") return bert_pre_tokenizer();
    fail("{}: the kind {} is not understood: expected BertPreTokenizer. Take another tokenizer.",
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

PreTokenizers read_pre_tokenizers(const std::string& path, const JsonFields& file) {
    PreTokenizers steps;
    if (!file.has("pre_tokenizer")) return steps;
    each_step(path, "pre_tokenizer", "pretokenizers", file.at("pre_tokenizer"), 0,
              [&](const JsonFields& step) { steps.push_back(read_pre_tokenizer(step)); });
    return steps;
}

}  // namespace hsa
