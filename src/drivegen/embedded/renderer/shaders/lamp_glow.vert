// The glow around a lens: a quad that faces the eye.
in vec4 row_a;   // position, material
in vec4 row_b;   // forward, height of the ground
in vec4 row_c;   // light, relative to a lamp as it was made
out vec2 f_at;
flat out vec3 f_color;

void main() {
    uint material = uint(row_a.w + 0.5);
    vec3 to_eye = view.eye.xyz - row_a.xyz;
    float far = length(to_eye);
    to_eye /= max(far, 1e-3);
    Lamp lamp = lamp_of(material, dot(normalize(row_b.xyz + vec3(0.0, 0.0, 1e-6)), to_eye));
    float clear = clear_to(far, row_a.z - view.eye.z);
    // Drops in the air spread the light the wider the more of it they take.
    float size = lamp.size * (1.0 + far * 0.012) * (1.0 + 2.2 * (1.0 - clear) * view.air.w);
    vec3 right = normalize(cross(vec3(0.0, 0.0, 1.0), to_eye) + vec3(1e-6, 0.0, 0.0));
    vec3 up = cross(to_eye, right);
    f_at = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    f_color = min(lamp.color * row_c.rgb * lamp.strength, vec3(1.0)) * (clear * view.wet.w * min(view.haze_sun.w, 1.0));
    // A little towards the eye, before the lens and its housing.
    vec3 relative = (right * f_at.x + up * f_at.y) * size - to_eye * (far - min(0.25, far * 0.1));
    gl_Position = view.clip_relative * vec4(relative, 1.0);
}
