"""What the product's processes go through while their AOT caches are recorded: a mesh, and a proxy on its own."""
