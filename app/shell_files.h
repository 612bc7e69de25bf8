#pragma once

#include "app/autosave.h"
#include "app/file_dialog.h"
#include "app/profile.h"
#include "app/render/imgui_canvas.h"
#include "app/runner.h"
#include "app/thumbnails.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splatscope {

// What a path that is asked for is wanted for.
enum class PathFor : std::uint8_t { nothing, open, compare, save };

// Everything about files in the window: asking for one, taking dropped ones, the recent ones, and
// what must survive a crash. It changes the session by commands alone.
class ShellFiles {
  public:
    // `profile`: null = nothing is read or kept. `desktop`: dialogs of the desktop may be shown.
    // `textures` draws small pictures of recent files. `say` tells a sentence to the user, the flag
    // says that something went wrong.
    ShellFiles(Runner& runner, const Profile* profile, bool desktop, TextureCache& textures,
               std::function<void(const std::string&, bool)> say);

    void ask(PathFor what);
    [[nodiscard]] bool is_asking() const {
        return path_for_ != PathFor::nothing || match_.has_value();
    }
    void stop_asking() {
        path_for_ = PathFor::nothing;
        match_.reset();
    }
    // Whether a crash left something to decide about.
    [[nodiscard]] bool asks_about_crash() const { return lost_.has_value(); }
    // Opens files that were dropped; words on vectors and vectors on words are counted first.
    void take_dropped(const std::vector<std::string>& files, bool to_compare);
    // True when the outcome was an answer to this.
    bool take(const Outcome& outcome);
    // The windows of all this, where there is something to show or ask; `focus`: what a crash left
    // to ask gets the keys.
    void draw(bool focus);
    // The recent files as menu items that send `command` with their path, with a small picture of
    // each map in the tooltip or, where there is room, before the name; nothing when there are
    // none.
    void draw_recent(const char* command, bool roomy = false);
    [[nodiscard]] bool has_recent() const { return !recent_.empty(); }
    // Once a frame: saves the session for the case of a crash, remembers files that were opened.
    void keep_safe(double now);
    // The program ends as it should: keeps the user's settings.
    void close();

  private:
    // A file dropped on data of the other kind: what it holds, before it is accepted or refused.
    struct Match {
        std::string path;
        std::string sentence;
        bool agree = false;
    };
    void take_path(const std::string& path);
    void draw_path_field();
    void draw_match();
    void draw_lost(bool focus);
    void draw_thumbnail(const std::string& path, float side);
    void picture_shown_file();

    Runner& runner_;
    const Profile* profile_;
    bool desktop_;
    TextureCache& textures_;
    std::function<void(const std::string&, bool)> say_;
    PathFor path_for_ = PathFor::nothing;
    std::string path_text_;
    bool focus_path_ = false;
    FileDialog dialog_;
    std::vector<std::string> recent_;
    std::optional<Thumbnails> thumbnails_;
    std::shared_ptr<std::atomic<bool>> thumbnail_made_ =
        std::make_shared<std::atomic<bool>>(false);  // by the look lane, since it was last read
    std::optional<Autosave> autosave_;
    std::optional<LostSession> lost_;
    std::vector<std::string> lost_to_remove_;
    std::optional<Match> match_;
    std::vector<hsa::Source> seen_sources_;
    std::string seen_other_;
};

}  // namespace splatscope
