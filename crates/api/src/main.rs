fn main() {
    println!("{}", api::sdl());
}
