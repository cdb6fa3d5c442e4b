in vec2 f_at;
flat in vec4 f_lamp;
flat in vec3 f_color;
layout(location = 0) out vec4 o_light;

void main() {
    float h = f_lamp.y;
    float d2 = dot(f_at, f_at);
    float edge = clamp(1.0 - d2 / (f_lamp.z * f_lamp.z), 0.0, 1.0);
    // A lamp at height h over a plane: inverse square times the cosine of incidence.
    float cosine2 = h * h / (d2 + h * h);
    float pool = cosine2 * sqrt(cosine2) * edge * edge;
    // A low beam: a fan that opens with distance, cut off at its reach, dark right before the bumper.
    float x = max(f_at.x, 0.01);
    float fan = f_at.y / (0.9 + x * 0.24);
    float across = clamp(1.0 - fan * fan, 0.0, 1.0);
    float beam = across * across * clamp(x * 0.35 - 0.3, 0.0, 1.0) * edge * 7.0 / (7.0 + x * x * 0.045);
    // Head lamps are summed apart: they light what is low, the others what is high too.
    o_light = f_lamp.x > 0.5 ? vec4(0.0, 0.0, 0.0, beam * f_color.r) : vec4(f_color * pool, 0.0);
}
