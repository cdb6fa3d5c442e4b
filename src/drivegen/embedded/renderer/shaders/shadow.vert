in vec3 position;
in vec4 world_x;
in vec4 world_y;
in vec4 world_z;

void main() {
    vec4 p = vec4(position, 1.0);
    vec4 world = vec4(dot(world_x, p), dot(world_y, p), dot(world_z, p), 1.0);
    vec3 at = (view.shadow_world * world).xyz;
    gl_Position = vec4(at, 1.0);
}
