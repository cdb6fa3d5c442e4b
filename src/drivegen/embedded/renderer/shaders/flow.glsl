// How far the surface at a pixel has moved in the image; put before the fragment shaders that are to say it.
layout(location = 4) out vec2 o_flow;

// From the place of before in clip space: to the right and up, in halves of the image.
vec2 flow_from(vec4 was) {
    // What was behind the eye had no place in the image; the longest flow stands for it.
    vec2 now = gl_FragCoord.xy * before.pixel.xy - 1.0;
    vec2 moved = now - was.xy / max(was.w, 1e-4);
    return clamp(vec2(moved.x, -moved.y), -2.0, 2.0);
}
