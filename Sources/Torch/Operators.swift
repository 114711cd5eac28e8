/// The operators of libtorch that the project uses, each looked up once.
enum Operators {
    static let add = Operator("aten::add", "Tensor"), addScalar = Operator("aten::add", "Scalar")
    static let sub = Operator("aten::sub", "Tensor"), rsubScalar = Operator("aten::rsub", "Scalar")
    static let mul = Operator("aten::mul", "Tensor"), mulScalar = Operator("aten::mul", "Scalar")
    static let div = Operator("aten::div", "Tensor"), reciprocal = Operator("aten::reciprocal")
    static let neg = Operator("aten::neg"), abs = Operator("aten::abs"), sign = Operator("aten::sign")
    static let square = Operator("aten::square"), sqrt = Operator("aten::sqrt"), exp = Operator("aten::exp")
    static let log = Operator("aten::log"), log1p = Operator("aten::log1p"), sin = Operator("aten::sin")
    static let cos = Operator("aten::cos"), atan2 = Operator("aten::atan2"), floor = Operator("aten::floor")
    static let powScalar = Operator("aten::pow", "Tensor_Scalar"), clamp = Operator("aten::clamp")
    static let softmax = Operator("aten::softmax", "int"), polar = Operator("aten::polar")
    static let viewAsReal = Operator("aten::view_as_real")
    static let complex = Operator("aten::complex"), real = Operator("aten::real"),
        imag = Operator("aten::imag")
    static let conj = Operator("aten::conj_physical")

    static let eqTensor = Operator("aten::eq", "Tensor"), neTensor = Operator("aten::ne", "Tensor")
    static let gtScalar = Operator("aten::gt", "Scalar"), ltScalar = Operator("aten::lt", "Scalar")
    static let logicalNot = Operator("aten::logical_not"), logicalAnd = Operator("aten::logical_and")
    static let isfinite = Operator("aten::isfinite"), whereTensor = Operator("aten::where", "self")
    static let maskedFill = Operator("aten::masked_fill", "Scalar")

    static let sum = Operator("aten::sum"), sumDims = Operator("aten::sum", "dim_IntList")
    static let mean = Operator("aten::mean"), meanDims = Operator("aten::mean", "dim")
    static let amax = Operator("aten::amax"), amin = Operator("aten::amin")
    static let all = Operator("aten::all"), std = Operator("aten::std", "correction")
    static let topk = Operator("aten::topk"), argmin = Operator("aten::argmin")
    static let cdist = Operator("aten::cdist"), vectorNorm = Operator("aten::linalg_vector_norm")

    static let reshape = Operator("aten::reshape"), view = Operator("aten::view"),
        permute = Operator("aten::permute")
    static let transpose = Operator("aten::transpose", "int"), contiguous = Operator("aten::contiguous")
    static let unsqueeze = Operator("aten::unsqueeze"), squeeze = Operator("aten::squeeze", "dim")
    static let expand = Operator("aten::expand"), narrow = Operator("aten::narrow"),
        select = Operator("aten::select", "int")
    static let cat = Operator("aten::cat"), stack = Operator("aten::stack"), flip = Operator("aten::flip")
    static let roll = Operator("aten::roll"), pad = Operator("aten::constant_pad_nd")
    static let indexSelect = Operator("aten::index_select"), indexCopyInPlace = Operator("aten::index_copy_")
    static let gather = Operator("aten::gather"), copyInPlace = Operator("aten::copy_")
    static let repeatInterleave = Operator("aten::repeat_interleave", "self_int")
    static let toType = Operator("aten::to", "dtype"), toDevice = Operator("aten::to", "device")
    static let pinMemory = Operator("aten::pin_memory")
    static let detach = Operator("aten::detach"), clone = Operator("aten::clone")
    static let addInPlace = Operator("aten::add_", "Tensor"), mulInPlace = Operator("aten::mul_", "Tensor"),
        zeroInPlace = Operator("aten::zero_")

    static let full = Operator("aten::full"), arange = Operator("aten::arange", "start"),
        eye = Operator("aten::eye")

    static let matmul = Operator("aten::matmul"), linear = Operator("aten::linear")
    static let conv3d = Operator("aten::conv3d"),
        convTranspose3d = Operator("aten::conv_transpose3d", "input")
    static let upsamplingConvolution = Operator("dsd::upsampling_convolution"),
        downsamplingConvolution = Operator("dsd::downsampling_convolution")
    static let leakyReLU = Operator("aten::leaky_relu"), leakyReLUInPlace = Operator("aten::leaky_relu_")

    static let rfft2 = Operator("aten::fft_rfft2"), irfft2 = Operator("aten::fft_irfft2")
    static let rfftn = Operator("aten::fft_rfftn"), irfftn = Operator("aten::fft_irfftn")
    static let fftn = Operator("aten::fft_fftn"), ifftn = Operator("aten::fft_ifftn")
    static let fftshift = Operator("aten::fft_fftshift"), ifftshift = Operator("aten::fft_ifftshift")

    static let addToEachInPlace = Operator("aten::_foreach_add_", "List")
}
