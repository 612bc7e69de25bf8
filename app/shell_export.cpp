#include "app/render/vector_page.h"
#include "app/session_file.h"
#include "app/shell.h"
#include "app/widgets/style.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/png.h"

#include <epoxy/gl.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>

namespace splatscope {
namespace {

constexpr int kSettleFrames = 4;          // a layout needs a few frames to find its sizes
constexpr int kMostFrames = 200;          // until nothing waits any more
constexpr Vec2 kPadding = {12.0F, 8.0F};  // around a view that has a picture to itself

// By the ending of the name; standard output takes a PNG.
PictureFormat format_of(const std::string& path) {
    const std::string ending = std::filesystem::path(path).extension().string();
    if (ending == ".png" || path == "-") return PictureFormat::png;
    if (ending == ".svg") return PictureFormat::svg;
    if (ending == ".pdf") return PictureFormat::pdf;
    hsa::fail(
        "view.export {}: the name must end in .png, .svg or .pdf, which says what the picture is "
        "written as.",
        path);
}

}  // namespace

// While it lives the shell draws pictures instead of the window.
class Shell::AsPicture {
  public:
    AsPicture(Shell& shell, const PictureAsked& asked)
        : shell_(shell),
          hidden_(std::exchange(shell.panels_hidden_, false)),
          display_(ImGui::GetIO().DisplaySize),
          density_(ImGui::GetIO().DisplayFramebufferScale) {
        shell.exporting_ = true;
        shell.transparent_ = asked.ground == Ground::transparent;
        shell.on_white_ = asked.ground == Ground::white;
        shell.without_ = asked.without;
    }
    ~AsPicture() {
        shell_.exporting_ = shell_.transparent_ = shell_.on_white_ = false;
        shell_.without_ = {};
        shell_.panels_hidden_ = hidden_;
        ImGui::GetIO().DisplaySize = display_;
        ImGui::GetIO().DisplayFramebufferScale = density_;
    }
    AsPicture(const AsPicture&) = delete;
    AsPicture& operator=(const AsPicture&) = delete;

  private:
    Shell& shell_;
    bool hidden_;
    ImVec2 display_, density_;
};

// A picture once nothing of it waits any more; vectors where they were asked for.
struct Shell::Settled {
    hsa::PngImage image;
    std::string vectors;
};

void Shell::render_into(const RenderTarget& target, Colour clear) const {
    target.bind();
    const float alpha = static_cast<float>(clear.a) / 255.0F;
    glClearColor(alpha * static_cast<float>(clear.r) / 255.0F,
                 alpha * static_cast<float>(clear.g) / 255.0F,
                 alpha * static_cast<float>(clear.b) / 255.0F, alpha);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    target.resolve();
}

// One view on the whole picture, with its header and without anything to press.
void Shell::draw_alone(Panel& panel, Vec2 size) {
    ImGui::SetNextWindowPos({0.0F, 0.0F});
    // Windows have whole sizes, a layout on paper need not.
    ImGui::SetNextWindowSize({std::ceil(size.x), std::ceil(size.y)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0F);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1.0F, 1.0F});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {kPadding.x, kPadding.y});
    ImGui::Begin("##alone", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoSavedSettings |
                     (transparent_ ? ImGuiWindowFlags_NoBackground : 0));
    draw_header(panel, false);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 room = ImGui::GetContentRegionAvail();
    draw_canvas(panel, {{corner.x, corner.y}, {corner.x + room.x, corner.y + room.y}}, false);
    ImGui::End();
    ImGui::PopStyleVar(3);
}

void Shell::export_view(const PictureAsked& asked) {
    const hsa::Existing existing = asked.overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
    const PictureFormat format = format_of(asked.path);
    hsa::check_writable(asked.path, existing);
    hsa::write_file(asked.path, picture(asked, format), existing);
    say("Picture saved: " + std::filesystem::absolute(asked.path).string(), false);
}

// The view once more, as it stands on the screen of this frame, onto a page of its own.
std::string Shell::vector_picture(Panel& panel, const PictureAsked& asked, PictureFormat format) {
    PageNotes notes{panel.view->title() + " - Splatscope", kSessionKey,
                    told_session(runner_.session())};
    const Vec2 layout = asked.layout();
    const PageSize size{static_cast<double>(layout.x), static_cast<double>(layout.y),
                        asked.points()};
    const std::unique_ptr<VectorPage> page = format == PictureFormat::svg
                                                 ? make_svg_page(size, std::move(notes))
                                                 : make_pdf_page(size, notes);
    const float scale = ImGui::GetStyle().FontScaleMain;
    const Rect place = panel.canvas;
    const Rect whole = {{0.0F, 0.0F}, layout};
    if (!transparent_) page->canvas(whole, 1.0F)->rect(whole, context().theme.panel);
    const Rect header = {{place.min.x, kPadding.y},
                         {place.max.x, kPadding.y + kHeaderHeight * scale}};
    if (!without_.has(Part::title) || !without_.has(Part::notes))
        draw_header_on(*page->canvas(header, 1.0F), panel, false);
    const Rect bounds = scaled(place, 1.0F / scale);
    std::unique_ptr<Canvas> canvas = page->canvas(bounds, scale);
    canvas->leave_out(without_);
    canvas->push_clip(bounds);
    (void)panel.view->draw(*canvas, context(), {});
    canvas->pop_clip();
    canvas.reset();
    return page->finish();
}

// One frame of a picture, up to its draw data: the `frame`-th of the same picture. Returns whether
// it waits for something.
bool Shell::build_picture(const PictureAsked& asked, const RenderTarget& target, int frame,
                          hsa::Wanted& wanted) {
    Panel* alone = nullptr;
    if (asked.view != "window") alone = const_cast<Panel*>(&panel(asked.view));
    const Vec2 layout = asked.layout();
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {layout.x, layout.y};
    // The layout need not be whole pixels: it fills the target all the same.
    const auto density = [](int pixels, float length) {
        const float exact = static_cast<float>(pixels) / length;
        return exact == std::round(exact) ? exact : (static_cast<float>(pixels) + 0.01F) / length;
    };
    io.DisplayFramebufferScale = {density(target.width(), layout.x),
                                  density(target.height(), layout.y)};
    io.DeltaTime = 1.0F / 60.0F;
    io.AddMousePosEvent(-1e9F, -1e9F);
    ImGui_ImplOpenGL3_NewFrame();
    apply_style(colours(), static_cast<float>(runner_.session().desk.scale));
    ImGui::NewFrame();
    textures_.next_frame();
    bool waiting = false;
    if (alone != nullptr) {
        draw_alone(*alone, layout);
        waiting = alone->drawn.waiting;
        add_wanted(alone->drawn, wanted);
    } else {
        // Without a desktop the default layout is made for each picture's size, which is known once
        // the menu bar has been drawn.
        waiting = !desktop_ && frame < 2;
        if (waiting && runner_.session().desk.layout.empty()) layout_made_ = false;
        draw_menu();
        draw_status();
        draw_dock_space();
        for (Panel& panel : panels_) {
            draw_panel(panel);
            waiting = waiting || panel.drawn.waiting;
            add_wanted(panel.drawn, wanted);
        }
        draw_welcome();
    }
    ImGui::Render();
    return waiting;
}

Shell::Settled Shell::settled(const PictureAsked& asked, PictureFormat format) {
    if (asked.view == "window" && format != PictureFormat::png)
        hsa::fail(
            "view.export window: the whole window is written as .png alone; .svg and .pdf are "
            "written of one view.");
    if (asked.view != "window") (void)panel(asked.view);
    window_.make_current();
    ImGui::SetCurrentContext(context_);
    const PixelSize size = asked.pixels();
    const RenderTarget target(size.width, size.height, 1);
    Settled done;
    const AsPicture now(*this, asked);
    int calm = 0;
    for (int frame = 0; calm < kSettleFrames && frame < kMostFrames; ++frame) {
        hsa::Wanted wanted;
        const bool waiting = build_picture(asked, target, frame, wanted);
        if (format != PictureFormat::png && !waiting && calm + 1 == kSettleFrames)
            done.vectors = vector_picture(const_cast<Panel&>(panel(asked.view)), asked, format);
        render_into(target, transparent_ ? Colour{0, 0, 0, 0} : colours().background);
        runner_.wait_look(wanted);
        calm = waiting ? 0 : calm + 1;
    }
    if (calm < kSettleFrames)
        hsa::fault("the view {} waits for something that does not come", asked.view);
    if (format == PictureFormat::png) {
        const Pixels pixels = target.read();
        done.image.width = static_cast<std::size_t>(pixels.width);
        done.image.height = static_cast<std::size_t>(pixels.height);
        done.image.rgba.resize(pixels.values.size() * 4);
        std::memcpy(done.image.rgba.data(), pixels.values.data(), done.image.rgba.size());
        done.image.texts = {{"Software", "Splatscope"},
                            {kSessionKey, told_session(runner_.session())}};
        done.image.pixels_per_metre = asked.pixels_per_metre();
    }
    return done;
}

hsa::PngImage Shell::pixels(const PictureAsked& asked) {
    return settled(asked, PictureFormat::png).image;
}

std::string Shell::picture(const PictureAsked& asked, PictureFormat format) {
    const Settled done = settled(asked, format);
    return format == PictureFormat::png ? hsa::write_png(done.image) : done.vectors;
}

bool Shell::draw_frame_of(const PictureAsked& asked, const RenderTarget& target,
                          hsa::Wanted& wanted) {
    window_.make_current();
    ImGui::SetCurrentContext(context_);
    if (!(asked == picture_now_)) {
        picture_now_ = asked;
        picture_frame_ = 0;
    }
    const AsPicture now(*this, asked);
    const bool waiting = build_picture(asked, target, picture_frame_, wanted);
    render_into(target, transparent_ ? Colour{0, 0, 0, 0} : colours().background);
    ++picture_frame_;
    return waiting || picture_frame_ < kSettleFrames;
}

}  // namespace splatscope
