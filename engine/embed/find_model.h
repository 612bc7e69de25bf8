#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hsa {

// Folders in which models are looked for: those of SPLATSCOPE_MODELS, parted by colons, where that
// is set (empty: none); else `models` in the user's data folder ($SPLATSCOPE_HOME, else
// $XDG_DATA_HOME/splatscope, else ~/.local/share/splatscope).
[[nodiscard]] std::vector<std::string> model_folders();

// Where what is computed once is kept: $SPLATSCOPE_CACHE where that is set, else
// $SPLATSCOPE_HOME/cache, else $XDG_CACHE_HOME/splatscope,
// else
// ~/.cache/splatscope; empty where none of them is set.
[[nodiscard]] std::string cache_folder();

// The folder of a model, by its name in one of model_folders() or by its path: one that holds
// config.json and model.safetensors. None where there is no such folder.
[[nodiscard]] std::optional<std::string> find_model(const std::string& name);

// The same; throws Error that says where it was looked for and how to get one.
[[nodiscard]] std::string need_model(const std::string& name);

}  // namespace hsa
