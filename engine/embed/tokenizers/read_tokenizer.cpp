#include "engine/core/error.h"
#include "engine/embed/tokenizer.h"
#include "engine/embed/tokenizers/sentencepiece.h"
#include "engine/embed/tokenizers/tokenizer_json.h"
#include "engine/embed/tokenizers/vocab_txt.h"
#include "engine/io/file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

namespace hsa {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

// What in a folder holds a tokenizer; empty where nothing does.
fs::path find_in(const fs::path& folder) {
    for (const char* name : {"tokenizer.json", "vocab.txt"})
        if (is_file(folder / name)) return folder / name;
    std::vector<fs::path> models;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".model" && is_file(entry.path()))
            models.push_back(entry.path());
    std::sort(models.begin(), models.end());
    return models.empty() ? fs::path() : models.front();
}

std::shared_ptr<const Tokenizer> read_vocabulary(const fs::path& path) {
    const fs::path config = path.parent_path() / "tokenizer_config.json";
    return read_vocab_txt(path.string(), read_file(path.string()), config.string(),
                          is_file(config) ? read_file(config.string()) : std::string());
}

}  // namespace

std::shared_ptr<const Tokenizer> read_tokenizer(const std::string& path) {
    std::error_code ignored;
    fs::path file = path;
    if (fs::is_directory(file, ignored)) {
        file = find_in(file);
        if (file.empty())
            fail(
                "{}: there is no tokenizer in this folder: expected tokenizer.json, vocab.txt or "
                "a SentencePiece .model.",
                path);
    }
    if (!fs::exists(file, ignored))
        fail(
            "embed.tokenizer {}: there is no such file and no such kind of tokens: expected words, "
            "characters, bytes, lines, or a vocab.txt, tokenizer.json, SentencePiece .model or a "
            "folder with one.",
            path);
    const std::string ending = file.extension().string();
    if (ending == ".json") return read_tokenizer_json(file.string(), read_file(file.string()));
    if (ending == ".model") return read_sentencepiece(file.string(), read_file(file.string()));
    if (ending == ".txt") return read_vocabulary(file);
    fail(
        "{}: what it is must be seen from its name: expected tokenizer.json, vocab.txt or a "
        "SentencePiece .model.",
        file.string());
}

}  // namespace hsa
