#include "app/commands/table.h"

// What the window's keys and menus do that changes no Session by itself.
namespace splatscope {
namespace {

CommandRow window_row(const std::string& name, std::string help, std::string keys,
                      WindowAction action, bool while_typing) {
    CommandRow row = control_row(
        name, "", std::move(help), std::move(keys),
        [name, action](const ProgramControl& program, const Session&, const Args& args) {
            expect_count(name, args, 0, 0);
            program.window(action);
        });
    row.while_typing = while_typing;
    return row;
}

}  // namespace

std::vector<CommandRow> window_commands() {
    using Action = WindowAction;
    return {
        window_row("window.open", "asks for a file and opens it", "Ctrl+O", Action::open, true),
        window_row("window.compare", "asks for a file and opens it as the second side",
                   "Ctrl+Shift+O", Action::compare, true),
        window_row("window.save", "saves the session into its own file, or asks for one", "Ctrl+S",
                   Action::save, true),
        window_row("window.save_as", "asks for a file and saves the session into it",
                   "Ctrl+Shift+S", Action::save_as, true),
        window_row("window.palette", "shows every command with its key", "Ctrl+P", Action::palette,
                   true),
        window_row("window.search",
                   "looks for words: Enter goes to the next place, Shift+Enter to the one before, "
                   "Ctrl+Enter selects all",
                   "Ctrl+F", Action::search, true),
        window_row("window.keys", "shows what keys and mouse do", "F1 ?", Action::keys, true),
        window_row("window.panels", "hides or shows all views", "F10", Action::panels, true),
        window_row("window.full_screen", "fills the screen, or goes back to a window", "F11",
                   Action::full_screen, true),
        window_row("window.picture", "saves the window as a picture under the next free name",
                   "F12", Action::picture, true),
        window_row("window.picture_transparent",
                   "saves the window as a picture without its background", "Ctrl+F12",
                   Action::picture_transparent, true),
        window_row("window.export",
                   "composes a picture of a view: size, background, what is on it, with a preview, "
                   "and the line of view.export that makes it",
                   "Ctrl+E", Action::export_picture, true),
        window_row("window.copy_picture",
                   "copies a picture of the view under the pointer, else of the window",
                   "Ctrl+Shift+C", Action::copy_picture, false),
        window_row("adapt.play", "runs at the last cycle, plays the past before it, or pauses",
                   "Space", Action::play, false),
        window_row("view.next", "gives the keys to the next view: arrows move a pointer in it",
                   "Tab F6", Action::next_view, true),
        window_row("view.previous", "gives the keys to the view before", "Shift+Tab Shift+F6",
                   Action::previous_view, true),
        window_row("view.help", "says how the view with the focus is read", "Shift+F1",
                   Action::help_of_view, true),
        window_row("view.settings", "shows the settings of the view with the focus", "F4",
                   Action::settings_of_view, true),
        window_row("window.menu", "gives the keys to the menu bar", "F9", Action::menu, true),
        window_row("window.jobs", "shows what runs and what waits, to cancel it", "Ctrl+J",
                   Action::jobs, true),
        window_row("window.log", "shows everything that was told so far", "Ctrl+L", Action::log,
                   true),
        window_row("window.history", "shows what was done, to go back to any step of it", "Ctrl+H",
                   Action::history, true),
        window_row("window.keys_file",
                   "writes the file of keys into the user's folder, to be changed there; where it "
                   "is there already, reads it again",
                   "", Action::keys_file, false),
        window_row(
            "view.copy",
            "copies how the views look, and what is under the pointer, as JSON for view.paste",
            "Ctrl+C", Action::copy_view, false),
        window_row("view.paste", "makes the views look as the copied JSON says", "Ctrl+V",
                   Action::paste_view, false),
    };
}

}  // namespace splatscope
