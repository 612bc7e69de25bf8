#pragma once

#include "engine/embed/tokenizers/normalizer.h"
#include "engine/embed/tokenizers/pre_tokenizer.h"
#include "engine/io/json_fields.h"

#include <string>

namespace hsa {

// The `normalizer` and the `pre_tokenizer` of a tokenizer.json, one after another; none where they
// are null or missing. Throw Error naming the kind of a step that is not understood.
[[nodiscard]] Normalizers read_normalizers(const std::string& path, const JsonFields& file);
struct JsonPreTokenizers {
    PreTokenizers steps;
    bool byte_level = false;  // the last one writes bytes as letters
};
[[nodiscard]] JsonPreTokenizers read_pre_tokenizers(const std::string& path,
                                                    const JsonFields& file);

}  // namespace hsa
