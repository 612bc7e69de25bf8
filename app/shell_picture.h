#pragma once

#include "app/commands/picture_words.h"
#include "app/file_dialog.h"
#include "app/render/gl.h"
#include "app/runner.h"
#include "app/window/window.h"

#include <cstdint>
#include <memory>
#include <string>

namespace splatscope {

class Shell;

// The sheet that composes a picture: what it can be asked for, how it will look, and the one line
// of view.export that makes it. What is chosen for all pictures alike is a setting (picture.*), so
// that sessions and the user's own file keep it. The preview is drawn by the same code in a context
// of its own, one frame of it between two of the window, until nothing of it waits any more.
class PictureSheet {
  public:
    PictureSheet(Window& window, Runner& runner, bool desktop);
    ~PictureSheet();
    PictureSheet(const PictureSheet&) = delete;
    PictureSheet& operator=(const PictureSheet&) = delete;

    // With a view to begin with, or "window"; the other choices are those of the settings.
    void open(const std::string& view);
    void close() { open_ = false; }
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] bool shows_window() const { return view_ == "window"; }
    // Whether the preview needs another frame.
    [[nodiscard]] bool waits() const { return open_ && waits_; }
    // Whether a dialog of the desktop is to be asked if it has ended.
    [[nodiscard]] bool is_asking() const { return open_ && dialog_.is_shown(); }
    // What the preview wants of the look lane.
    [[nodiscard]] const hsa::Wanted& wanted() const { return wanted_; }
    // Between two frames of the window, in whose context it ends.
    void draw_preview();
    // The sheet itself.
    void draw();
    // Frees what belongs to the window's OpenGL context.
    void release();

    [[nodiscard]] std::string line() const { return export_line(asked()); }

  private:
    [[nodiscard]] PictureAsked asked() const;
    void choose_view(const std::string& view);
    void take_settings();
    void tell_settings();
    void draw_size();
    void draw_pixels();
    void draw_paper();
    void draw_choices();
    void draw_file();
    void take_ending();
    void draw_picture(float width, float height);
    void draw_line();

    Window& window_;
    Runner& runner_;
    bool desktop_;
    bool open_ = false;
    std::string view_, path_;
    PictureDesk chosen_;       // the settings, as the sheet has them ...
    PictureDesk told_, seen_;  // ... told the session last, and as the session had them last
    bool replace_ = false;
    bool exists_ = false;
    std::string fault_;  // of what is asked for, in a sentence
    FileDialog dialog_;

    std::unique_ptr<Shell> painter_;
    std::unique_ptr<RenderTarget> target_;
    PictureAsked shown_;  // what the preview shows, of ...
    Session session_;     // ... this session and
    std::shared_ptr<const hsa::Snapshot> snapshot_;
    bool waits_ = false;
    hsa::Wanted wanted_;
};

}  // namespace splatscope
