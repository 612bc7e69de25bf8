#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// The 3-D view and its camera.
template <class K, class Visitor>
void visit_splats(K& desk, Visitor& visitor) {
    visitor("view.splats.style", desk.splats.style, Limits{},
            "ellipsoids, rings, centres, or soft: Gaussians without a surface, blended back to "
            "front");
    visitor("view.splats.sigma", desk.splats.sigma, Limits{0.25, 4},
            "size of the ellipsoids in standard deviations; soft Gaussians are drawn so many "
            "times as wide as they are");
    visitor("view.splats.opacity", desk.splats.opacity, Limits{},
            "what the opacity of a splat says: usage, amplitude, information (each against the "
            "mean of its level), another property of splats, or alike: nothing");
    visitor("view.splats.points", desk.splats.points, Limits{}, "draw the tokens as points");
    visitor("view.splats.points_level", desk.splats.points_level, Limits{},
            "whose coordinates the points show; empty = the second finest level");
    visitor("view.splats.point_colour", desk.splats.point_colour, Limits{},
            "colour of the points: level, section, label, selection; inside: whether a token can "
            "lie in the selected splats; distance: how much of its distance the picture shows; or "
            "property:NAME, a column of the data's metadata (print dataset)");
    visitor("view.splats.labels", desk.splats.labels, Limits{}, "write the names of splats");
    visitor("view.splats.trails", desk.splats.trails, Limits{0, 256},
            "draw the ways of the selected splats, or of all, over so many cycles back; 0 = none");
    visitor("view.splats.edges", desk.splats.edges, Limits{},
            "draw a line from each splat to its parent, wider where the parent covers more of it");
    visitor("view.splats.grid", desk.splats.grid, Limits{},
            "draw a grid on the ground and a scale bar");
    visitor("view.splats.cube", desk.splats.cube, Limits{},
            "a cube in the window that turns the camera; pictures leave it out");
    visitor("view.splats.tour_speed", desk.splats.tour_speed, Limits{0.05, 20},
            "how fast axes.tour moves: 1 turns by about 20 degrees a second");
    visitor("view.splats.handles", desk.splats.handles, Limits{},
            "handles that move, widen, weigh and turn the one selected splat: off, window, or "
            "always (in pictures too)");
    visitor("view.splats.hidden", desk.splats.hidden_levels, Limits{},
            "levels whose splats are not drawn");
    visitor("view.splats.hidden_splats", desk.splats.hidden, Limits{},
            "splats that are not drawn (splats.hide, splats.show)");
    visitor("camera.pivot", desk.splats.pivot, Limits{}, "the point looked at");
    visitor("camera.yaw", desk.splats.yaw, Limits{}, "angle about the vertical, radians");
    visitor("camera.pitch", desk.splats.pitch, Limits{-1.58, 1.58},
            "angle above the horizon, radians");
    visitor("camera.distance", desk.splats.distance, Limits{0, 1e9},
            "from the pivot; 0 = frame everything");
    visitor("camera.everything", desk.splats.everything, Limits{},
            "framing holds far outliers too (camera.frame all)");
    visitor("camera.orthographic", desk.splats.orthographic, Limits{}, "no perspective");
}

}  // namespace splatscope
