#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// The other views.
template <class K, class Visitor>
void visit_views(K& desk, Visitor& visitor) {
    visitor("tree.form", desk.tree.form, Limits{},
            "the splats as icicle or nodelink, or the lineage: all that there were, over the "
            "cycles");
    visitor("tree.lines", desk.tree.lines, Limits{},
            "splats that the lineage draws: all; those with events; those of the selected splats' "
            "families; automatic: the first of these that there is room for");
    visitor("tree.colour", desk.tree.colour, Limits{}, "level, or a measure of splats");
    visitor("tree.find", desk.tree.find, Limits{},
            "marks the splats whose names hold these letters; empty = none");
    visitor("tree.collapsed", desk.tree.collapsed, Limits{},
            "splats whose children are folded away");
    visitor("text.tint", desk.text.tint, Limits{},
            "words tinted by attention from or to the selection, by splat, by level, by measure");
    visitor("text.measure", desk.text.measure, Limits{},
            "the number of tokens that measure tints by: received, entropy, length, one of the "
            "data's own");
    visitor("text.hover", desk.text.hover, Limits{},
            "the word under the pointer tints in the selection's place");
    visitor("text.arcs", desk.text.arcs, Limits{0, 200},
            "strongest links among the words of the page, drawn as arcs; 0 = none");
    visitor("text.heat", desk.text.heat, Limits{},
            "a strip beside every heading with the tint of its whole section");
    visitor("text.scroll", desk.text.scroll, Limits{0, 1e12}, "first visible line");
    visitor("view.heads.fits", desk.heads.fits, Limits{},
            "fit splats to every head of the grid, a few at a time");
    visitor("timeline.begin", desk.timeline.begin, Limits{}, "first visible cycle");
    visitor("timeline.end", desk.timeline.end, Limits{}, "end of the visible cycles; 0 = all");
    visitor("timeline.speed", desk.timeline.speed, Limits{0.1, 1000},
            "cycles a second when the past is played");
    visitor("timeline.refused", desk.timeline.refused, Limits{}, "draw refused trials too");
    visitor("timeline.lanes", desk.timeline.lanes, Limits{}, "a lane a level, or a lane a kind");
    visitor("timeline.curve", desk.timeline.curve, Limits{},
            "the measure drawn below the lanes; all: as many as there is room for");
    visitor("timeline.range_begin", desk.timeline.range_begin, Limits{0, 1e6},
            "first of the selected cycles (timeline.range)");
    visitor("timeline.range_end", desk.timeline.range_end, Limits{0, 1e6},
            "end of the selected cycles; not above the first = none");
    visitor("distributions.property", desk.distributions.property, Limits{},
            "splat.<name> or token.<name>");
    visitor("distributions.against", desk.distributions.against, Limits{},
            "another property of the same kind, upwards: a scatter of the two; empty = counts");
    visitor("distributions.logarithmic", desk.distributions.logarithmic, Limits{},
            "logarithmic axes");
    visitor("table.rows", desk.table.rows, Limits{}, "what the table lists");
    visitor("table.splats.sort", desk.table.splats.sort, Limits{},
            "the column that splats are sorted by, -COLUMN from the largest down; empty = by id");
    visitor("table.splats.filter", desk.table.splats.filter, Limits{},
            "which splats are listed, an expression as of select.where; empty = all");
    visitor("table.tokens.sort", desk.table.tokens.sort, Limits{},
            "the same of tokens; empty = as they stand in the text");
    visitor("table.tokens.filter", desk.table.tokens.filter, Limits{},
            "which tokens are listed; empty = all");
    visitor("table.events.sort", desk.table.events.sort, Limits{},
            "the same of events; empty = as they happened");
    visitor("table.events.filter", desk.table.events.filter, Limits{},
            "which events are listed; empty = all");
    visitor("table.scroll", desk.table.scroll, Limits{0, 1e12}, "first visible row of the table");
    visitor("table.column", desk.table.column, Limits{0, 1000},
            "columns of the table that are scrolled away at the left");
}

}  // namespace splatscope
