#pragma once

#include "app/session.h"

#include <string>
#include <vector>

namespace splatscope {

// The user's own folder: `settings` (a script of `set` lines), `layout` (Dear ImGui's text) and
// `recent` (one path a line). Runs without a window read it only when they are told to.
class Profile {
  public:
    explicit Profile(std::string folder) : folder_(std::move(folder)) {}
    // $SPLATSCOPE_HOME, else $XDG_CONFIG_HOME/splatscope, else ~/.config/splatscope; empty when
    // none of them is set.
    [[nodiscard]] static std::string usual_folder();
    [[nodiscard]] const std::string& folder() const { return folder_; }

    // Gives the session the user's settings and layout. Returns one sentence for each line that
    // says nothing; the rest is taken.
    [[nodiscard]] std::vector<std::string> read(Session& session) const;
    // Writes the settings that belong to the user and not to the work (theme, sizes, colours, which
    // views are closed) and the layout; other lines the user wrote stay. Throws Error.
    void write(const Session& session) const;

    // Files that were open, the newest first; those that are gone are left out.
    [[nodiscard]] std::vector<std::string> recent() const;
    // Puts a file first; samples and standard input are not remembered. Throws Error.
    void remember(const std::string& path) const;

  private:
    [[nodiscard]] std::string path_of(const char* name) const { return folder_ + "/" + name; }
    void write_own(const char* name, const std::string& text) const;

    std::string folder_;
};

}  // namespace splatscope
