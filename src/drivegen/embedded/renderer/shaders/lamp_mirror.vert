// A lamp's image on the wet road: a streak along the view, around the place where a mirror would show it.
in vec4 row_a;   // position, material
in vec4 row_b;   // forward, height of the ground
in vec4 row_c;   // light, relative to a lamp as it was made
out vec2 f_at;
out vec2 f_world;
flat out vec3 f_color;

void main() {
    uint material = uint(row_a.w + 0.5);
    float ground = row_b.w;
    float eye_height = view.eye.z - ground, lamp_height = row_a.z - ground;
    vec2 flat_way = row_a.xy - view.eye.xy;
    float far = length(flat_way);
    vec2 along = flat_way / max(far, 1e-3);
    vec3 to_eye = normalize(view.eye.xyz - row_a.xyz);
    Lamp lamp = lamp_of(material, dot(normalize(row_b.xyz + vec3(0.0, 0.0, 1e-6)), to_eye));
    float at = far * eye_height / max(eye_height + lamp_height, 0.1);
    // Ripples tilt the surface by some degrees: the image is drawn out towards the eye and away from it.
    float first = at * 0.58, last = at + (far - at) * 0.55;
    f_at = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    float t = f_at.y < 0.0 ? first : last;
    float half_width = lamp.size * 0.34 * at / max(far, 0.1) + t * 0.014;
    vec2 plan = view.eye.xy + along * t + vec2(-along.y, along.x) * (f_at.x * half_width);
    float cosine = eye_height * inversesqrt(at * at + eye_height * eye_height);
    float graze = 1.0 - cosine;
    float reflected = 0.02 + 0.98 * graze * graze * graze * graze * graze;
    float clear = clear_to(far, row_a.z - view.eye.z);
    bool seen = eye_height > 0.3 && lamp_height > 0.05 && far > 1.0 && far < 160.0;
    f_color = min(lamp.color * row_c.rgb * lamp.strength, vec3(1.0))
        * (seen ? clear * view.wet.w * min(view.haze_sun.w, 1.0) * max(view.wet.x, view.wet.y) * reflected * 1.5 : 0.0);
    f_world = plan;
    gl_Position = view.clip_relative * vec4(plan - view.eye.xy, ground + 0.02 - view.eye.z, 1.0);
    // Towards the eye: the ground may not be quite flat.
    gl_Position.z *= 1.004;
}
