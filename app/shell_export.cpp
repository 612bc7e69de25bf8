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
void Shell::draw_alone(Panel& panel, PixelSize size) {
    ImGui::SetNextWindowPos({0.0F, 0.0F});
    ImGui::SetNextWindowSize({static_cast<float>(size.width), static_cast<float>(size.height)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0F);
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
    ImGui::PopStyleVar(2);
}

void Shell::export_view(const std::string& view, const std::string& path, PixelSize size, int scale,
                        bool transparent, bool overwrite) {
    const hsa::Existing existing = overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
    const PictureFormat format = format_of(path);
    hsa::check_writable(path, existing);
    hsa::write_file(path, picture(view, size, scale, transparent, format), existing);
    say("Picture saved: " + std::filesystem::absolute(path).string(), false);
}

// The view once more, as it stands on the screen of this frame, onto a page of its own.
std::string Shell::vector_picture(Panel& panel, PixelSize size, PictureFormat format) {
    PageNotes notes{panel.view->title() + " - Splatscope", kSessionKey,
                    told_session(runner_.session())};
    const std::unique_ptr<VectorPage> page =
        format == PictureFormat::svg ? make_svg_page(size.width, size.height, std::move(notes))
                                     : make_pdf_page(size.width, size.height, notes);
    const float scale = ImGui::GetStyle().FontScaleMain;
    const Rect place = panel.canvas;
    const Rect whole = {{0.0F, 0.0F},
                        {static_cast<float>(size.width), static_cast<float>(size.height)}};
    if (!transparent_) page->canvas(whole, 1.0F)->rect(whole, context().theme.panel);
    const Rect header = {{place.min.x, kPadding.y},
                         {place.max.x, kPadding.y + kHeaderHeight * scale}};
    draw_header_on(*page->canvas(header, 1.0F), panel, false);
    const Rect bounds = scaled(place, 1.0F / scale);
    std::unique_ptr<Canvas> canvas = page->canvas(bounds, scale);
    canvas->push_clip(bounds);
    (void)panel.view->draw(*canvas, context(), {});
    canvas->pop_clip();
    canvas.reset();
    return page->finish();
}

std::string Shell::picture(const std::string& view, PixelSize size, int scale, bool transparent,
                           PictureFormat format) {
    hsa::PngImage image;
    std::string vectors;
    if (view == "window" && format != PictureFormat::png)
        hsa::fail(
            "view.export window: the whole window is written as .png alone; .svg and .pdf are "
            "written of one view.");
    Panel* alone = nullptr;
    if (view != "window") alone = const_cast<Panel*>(&panel(view));

    window_.make_current();
    ImGui::SetCurrentContext(context_);
    const RenderTarget target(size.width * scale, size.height * scale, 1);
    exporting_ = true;
    transparent_ = transparent;
    const bool hidden = std::exchange(panels_hidden_, false);
    ImGuiIO& io = ImGui::GetIO();
    const ImVec2 display = io.DisplaySize;
    const ImVec2 density = io.DisplayFramebufferScale;
    const Theme& colours = theme(runner_.session().desk.theme);
    try {
        int settled = 0;
        for (int frame = 0; settled < kSettleFrames && frame < kMostFrames; ++frame) {
            io.DisplaySize = {static_cast<float>(size.width), static_cast<float>(size.height)};
            io.DisplayFramebufferScale = {static_cast<float>(scale), static_cast<float>(scale)};
            io.DeltaTime = 1.0F / 60.0F;
            io.AddMousePosEvent(-1e9F, -1e9F);
            ImGui_ImplOpenGL3_NewFrame();
            apply_style(colours, static_cast<float>(runner_.session().desk.scale));
            ImGui::NewFrame();
            textures_.next_frame();
            // Without a desktop the default layout is made for each picture's size, which is known
            // once the menu bar has been drawn.
            const bool fitting = alone == nullptr && !desktop_ && frame < 2;
            if (fitting && runner_.session().desk.layout.empty()) layout_made_ = false;
            bool waiting = fitting;
            hsa::Wanted wanted;
            if (alone != nullptr) {
                draw_alone(*alone, size);
                waiting = alone->drawn.waiting;
                add_wanted(alone->drawn, wanted);
                if (format != PictureFormat::png && !waiting && settled + 1 == kSettleFrames)
                    vectors = vector_picture(*alone, size, format);
            } else {
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
            render_into(target, transparent ? Colour{0, 0, 0, 0} : colours.background);
            runner_.wait_look(wanted);
            settled = waiting ? 0 : settled + 1;
        }
        if (settled < kSettleFrames)
            hsa::fault("the view {} waits for something that does not come", view);
        if (format == PictureFormat::png) {
            const Pixels pixels = target.read();
            image.width = static_cast<std::size_t>(pixels.width);
            image.height = static_cast<std::size_t>(pixels.height);
            image.rgba.resize(pixels.values.size() * 4);
            std::memcpy(image.rgba.data(), pixels.values.data(), image.rgba.size());
            image.texts = {{"Software", "Splatscope"},
                           {kSessionKey, told_session(runner_.session())}};
        }
    } catch (...) {
        exporting_ = transparent_ = false;
        panels_hidden_ = hidden;
        io.DisplaySize = display;
        io.DisplayFramebufferScale = density;
        throw;
    }
    exporting_ = transparent_ = false;
    panels_hidden_ = hidden;
    io.DisplaySize = display;
    io.DisplayFramebufferScale = density;
    return format == PictureFormat::png ? hsa::write_png(image) : vectors;
}

}  // namespace splatscope
